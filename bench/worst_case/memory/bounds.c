/* SPDX-License-Identifier: BSD-3-Clause */
#include "bounds.h"

#include "tlsf.h"

static size_t block_smallest(void) {
    const size_t granule = tlsf_align_size();
    const size_t bytes = tlsf_block_size_min() + tlsf_alloc_overhead();
    return (bytes + granule - 1) / granule * granule;
}

size_t bound_outer(size_t bytes) {
    const size_t granule = tlsf_align_size();
    const size_t rounded = (bytes + granule - 1) / granule * granule;
    return rounded < block_smallest() ? block_smallest() : rounded;
}

/* A rest that is smaller than a block stays with the block that it is cut from. */
size_t bound_unsplit(void) { return block_smallest() - tlsf_align_size(); }

size_t bound_searched(const limits *l) {
    const bool is_default = l->align <= tlsf_align_size();
    return l->largest + (is_default ? 0 : l->align + bound_unsplit());
}

/* The largest size in the class of the next smaller outer size. */
size_t bound_hole(size_t outer) {
    const size_t granule = tlsf_align_size();
    const size_t below = outer / granule - 1; /* in granules, as all below */
    size_t width = 1;
    while (below / width >= (size_t)2 << TLSF_SL_BITS) {
        width *= 2;
    }
    return (below / width * width + width - 1) * granule;
}

/* What rounding to a class adds to blocks of so many bytes: less than a class's part of each. */
static size_t bound_rounding(size_t bytes) {
    return TLSF_ROUND_TO_CLASS ? bytes >> TLSF_SL_BITS : 0;
}

size_t bound_of_default(const limits *l, size_t pools) {
    const size_t hole = bound_hole(bound_searched(l));
    return l->live + bound_rounding(l->live) + l->blocks * bound_unsplit() +
           (l->blocks + pools) * hole;
}
