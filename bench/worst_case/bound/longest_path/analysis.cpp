/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis.h"

#include <algorithm>

#include "fail.h"

namespace bound {

namespace {

using Best = std::optional<Cost>;

Best sum(const Best &a, const Best &b) {
    if (!a || !b) {
        return std::nullopt;
    }
    return Cost{a->instructions + b->instructions, a->loads + b->loads, a->stores + b->stores};
}

Best larger(const Best &a, const Best &b) {
    if (!a || !b) {
        return a ? a : b;
    }
    return Cost{std::max(a->instructions, b->instructions), std::max(a->loads, b->loads),
                std::max(a->stores, b->stores)};
}

/* The longest ways on from a place. */
struct Ways {
    Best to_return;
    Best to_avoided;
    size_t next = NOWHERE; /* the place behind it on the way with the most instructions */
};

/* Whether the next instruction can follow, be it after a call. */
bool goes_on(const Instruction &instruction) {
    switch (instruction.flow) {
    case Flow::next:
    case Flow::call:
    case Flow::indirect_call:
    case Flow::repeated:
        return true;
    default:
        return instruction.may_fall_through;
    }
}

/* A place that was met on the way through a function. */
struct Visit {
    bool is_open = true; /* its own ways on are still being followed: to meet it is a loop */
    int64_t depth = 0;   /* bytes of stack below the caller's stack pointer before it */
    Ways ways;
};

/* A function: its places, those that it jumps to elsewhere included. */
struct Frame {
    std::map<size_t, Visit> visits;
    Ways ways;
    int64_t stack_bytes = 0;
    bool is_open = true; /* being followed: to call it is recursion */
};

/* Depth-first over jumps within a frame, and over calls from frame to frame. Neither is deeper
 * than the code is long, and recursion in the code under study is found, not followed. */
class Analysis {
  public:
    Analysis(const Program &known, const Query &asked) : program(known), query(asked) {}

    void study(const std::string &entry) {
        const Function *function = program.find(entry);
        if (function == nullptr) {
            fail("no function " + entry);
        }
        const Frame &frame = frame_of(function->first);
        const Best &best = query.first.empty() ? frame.ways.to_return : section;
        const bool is_longest =
            best && (!result.longest || best->instructions > result.longest->instructions);
        result.longest = larger(result.longest, best);
        if (frame.ways.to_avoided) {
            result.until_avoided =
                std::max(result.until_avoided.value_or(0), frame.ways.to_avoided->instructions);
        }
        result.stack_bytes = std::max(result.stack_bytes, frame.stack_bytes);
        if (is_longest && result.findings.empty()) {
            result.path.clear();
            append_path(function->first);
        }
    }

    Bound take() {
        if (!result.findings.empty()) {
            result.longest.reset();
            result.path.clear();
        }
        return std::move(result);
    }

  private:
    const Frame &frame_of(size_t entry) {
        const auto [found, is_new] = frames.try_emplace(entry);
        Frame &frame = found->second;
        if (is_new) {
            frame.ways = follow(frame, entry, program.return_address_size());
            frame.is_open = false;
        }
        return frame;
    }

    Ways follow(Frame &frame, size_t number, int64_t depth) {
        Visit &visit = frame.visits[number];
        visit.depth = depth;
        const Place &place = program.place(number);
        const Instruction &instruction = place.instruction;
        result.functions.insert(place.function);
        if (!instruction.pushed) {
            find("stack pointer set in an unknown way", number);
        }
        Ways ways;
        const int64_t depth_after = depth + instruction.pushed.value_or(0);
        const bool is_return = instruction.flow == Flow::leave;
        if (is_return) {
            if (depth_after != program.return_address_size()) {
                find("stack not balanced at the return", number);
            }
            ways.to_return = Cost{};
        }
        if (goes_on(instruction)) {
            step(frame, number, place.next, is_return ? depth : depth_after, ways);
        }
        const Cost own = {1, instruction.loads, instruction.stores};
        int64_t callee_bytes = 0;
        switch (instruction.flow) {
        case Flow::jump:
            follow_jump(frame, number, depth, ways);
            break;
        case Flow::call:
            callee_bytes = follow_call(number, ways);
            break;
        case Flow::indirect_jump:
            find("indirect jump", number);
            break;
        case Flow::indirect_call:
            find("indirect call", number);
            break;
        case Flow::repeated:
            follow_repeated(number, ways);
            break;
        case Flow::unknown:
            find("undecodable instruction", number);
            break;
        case Flow::next:
        case Flow::leave:
        case Flow::stop:
            break;
        }
        ways.to_return = sum(ways.to_return, own);
        ways.to_avoided = sum(ways.to_avoided, own);
        if (ways.to_return) {
            frame.stack_bytes = std::max(frame.stack_bytes, depth + callee_bytes);
        }
        if (instruction.flow == Flow::call && query.first.count(name_of_target(place)) != 0) {
            section = larger(section, ways.to_return);
        }
        visit.ways = ways;
        visit.is_open = false;
        return ways;
    }

    /* Adds to `ways` those that lead on from `to`. */
    void step(Frame &frame, size_t from, size_t to, int64_t depth, Ways &ways) {
        if (to == NOWHERE) {
            find("no instruction behind", from);
            return;
        }
        const auto known = frame.visits.find(to);
        if (known != frame.visits.end() && known->second.is_open) {
            find("loop", from);
            return;
        }
        if (known != frame.visits.end() && known->second.depth != depth) {
            find("stack depth depends on the way", from);
        }
        const Ways on = known != frame.visits.end() ? known->second.ways : follow(frame, to, depth);
        if (on.to_return &&
            (!ways.to_return || on.to_return->instructions > ways.to_return->instructions)) {
            ways.next = to;
        }
        ways.to_return = larger(ways.to_return, on.to_return);
        ways.to_avoided = larger(ways.to_avoided, on.to_avoided);
    }

    void follow_jump(Frame &frame, size_t number, int64_t depth, Ways &ways) {
        const Place &place = program.place(number);
        const std::string name = name_of_target(place);
        if (query.avoided.count(name) != 0) {
            admit(name, number);
            ways.to_avoided = larger(ways.to_avoided, Cost{});
        } else if (query.last.count(name) != 0) {
            ways.to_return = larger(ways.to_return, Cost{});
        } else if (query.opaque.count(name) != 0) {
            admit(name, number);
            ways.to_return = larger(ways.to_return, Cost{});
        } else if (place.target == NOWHERE) {
            find(name.empty() ? "jump into nowhere" : "call of library function " + name, number);
        } else {
            step(frame, number, place.target, depth, ways);
        }
    }

    /* A copy or a fill that the compiler has put in the place of a call. */
    void follow_repeated(size_t number, Ways &ways) {
        const std::string &name = program.place(number).instruction.stands_for;
        if (query.avoided.count(name) != 0) {
            admit(name, number);
            ways.to_return.reset();
            ways.to_avoided = Cost{};
        } else if (query.opaque.count(name) != 0) {
            admit(name, number);
        } else {
            find("loop of one instruction", number);
        }
    }

    /* Returns  the bytes of stack that the callee takes. */
    int64_t follow_call(size_t number, Ways &ways) {
        const Place &place = program.place(number);
        const std::string name = name_of_target(place);
        if (query.avoided.count(name) != 0) {
            admit(name, number);
            ways.to_return.reset();
            ways.to_avoided = Cost{};
        } else if (query.last.count(name) != 0) {
            ways.to_return = Cost{};
            ways.next = NOWHERE;
        } else if (query.opaque.count(name) != 0) {
            admit(name, number);
        } else if (place.target == NOWHERE || !program.is_entry(place.target)) {
            find(name.empty() ? "call into nowhere" : "call of library function " + name, number);
        } else if (const auto known = frames.find(place.target);
                   known != frames.end() && known->second.is_open) {
            find("recursion", number);
        } else {
            const Frame &callee = frame_of(place.target);
            ways.to_avoided =
                larger(callee.ways.to_avoided, sum(callee.ways.to_return, ways.to_avoided));
            ways.to_return = sum(callee.ways.to_return, ways.to_return);
            return callee.stack_bytes;
        }
        return 0;
    }

    std::string name_of_target(const Place &place) const {
        if (place.target == NOWHERE || !program.is_entry(place.target)) {
            return place.outside;
        }
        return program.function_of(place.target).source_name;
    }

    void append_path(size_t entry) {
        const Frame &frame = frames.at(entry);
        for (size_t number = entry; number != NOWHERE; number = frame.visits.at(number).ways.next) {
            result.path.push_back(number);
            const Place &place = program.place(number);
            const std::string name = name_of_target(place);
            if (place.instruction.flow == Flow::call && place.target != NOWHERE &&
                query.opaque.count(name) == 0 && query.last.count(name) == 0) {
                append_path(place.target);
            }
        }
    }

    void find(const std::string &kind, size_t place) { result.findings.insert({kind, place}); }
    void admit(const std::string &name, size_t place) { result.admitted.insert({name, place}); }

    const Program &program;
    const Query &query;
    std::map<size_t, Frame> frames;
    Best section; /* the longest way on from a call with which paths begin */
    Bound result;
};

} // namespace

Bound bound_of(const Program &program, const Query &query) {
    Analysis analysis(program, query);
    for (const std::string &entry : query.entries) {
        analysis.study(entry);
    }
    return analysis.take();
}

} // namespace bound
