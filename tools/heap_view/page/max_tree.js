/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers, and over each two of them the larger one, up to the largest of all:

              9
          9       4
        9   2   0   4

   It finds the largest number, and the last one before a place that is not 0, in as many steps as
   the tree has levels. */

class MaxTree {
    constructor(count) {
        this.width = 1;
        while (this.width < count) {
            this.width *= 2;
        }
        this.tree = new Float64Array(2 * this.width);
    }

    get largest() {
        return this.tree[1];
    }

    at(place) {
        return this.tree[this.width + place];
    }

    set(place, value) {
        const tree = this.tree;
        let node = this.width + place;
        tree[node] = value;
        for (node >>= 1; node >= 1; node >>= 1) {
            const larger = Math.max(tree[2 * node], tree[2 * node + 1]);
            if (tree[node] === larger) {
                return;
            }
            tree[node] = larger;
        }
    }

    /* The last place up to this one whose number is not 0; -1. */
    lastUpTo(place) {
        let node = this.width + place;
        if (this.tree[node] !== 0) {
            return place;
        }
        while (node > 1 && !(node % 2 === 1 && this.tree[node - 1] !== 0)) {
            node >>= 1;
        }
        if (node <= 1) {
            return -1;
        }
        node -= 1;
        while (node < this.width) {
            node = this.tree[2 * node + 1] !== 0 ? 2 * node + 1 : 2 * node;
        }
        return node - this.width;
    }
}
