/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The longest path through a function's control-flow graph, with the functions that it calls;
 * and what keeps a function from having one.
 */
#ifndef BOUND_ANALYSIS_H
#define BOUND_ANALYSIS_H

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "program.h"

namespace bound {

/* What is asked. Several entries are answered for together: the largest of each figure. */
struct Query {
    std::string label;
    std::vector<std::string> entries;
    std::set<std::string> avoided; /* paths that call one of these do not count */
    std::set<std::string> opaque;  /* calls of these count as one instruction, and no more */
    /* Paths begin and end with calls of these, which count; a function makes both. */
    std::set<std::string> first, last;
};

/* Figures of a path. The largest of each is looked for, not all of them on the same path. */
struct Cost {
    unsigned instructions = 0;
    unsigned loads = 0;
    unsigned stores = 0;
};

/* Why there is no bound, or a call that the query lets pass. */
struct Finding {
    std::string kind;
    size_t place;
    bool operator<(const Finding &other) const {
        return std::tie(kind, place) < std::tie(other.kind, other.place);
    }
};

struct Bound {
    std::optional<Cost> longest;           /* none: no path returns, or there are findings */
    std::optional<unsigned> until_avoided; /* instructions of the longest path to an avoided call */
    int64_t stack_bytes = 0;    /* below the caller's stack pointer; a return address that the
                                call pushes (x86) is counted */
    std::set<size_t> functions; /* all that are reached */
    std::set<Finding> findings;
    std::set<Finding> admitted; /* kind: the name that is called */
    std::vector<size_t> path;   /* the places of the longest path, callees' included */
};

Bound bound_of(const Program &program, const Query &query);

} // namespace bound

#endif
