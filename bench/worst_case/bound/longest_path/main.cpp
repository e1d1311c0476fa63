/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * longest_path: the longest path through functions of object files, or why there is none.
 *
 *     longest_path --query=LABEL:ENTRIES:AVOIDED:OPAQUE:FIRST:LAST... [--path] OBJECT...
 *
 * ENTRIES and so on are names with commas between them; * as ENTRIES asks for every global
 * function by itself. AVOIDED: paths that call one of these do not count. OPAQUE: calls of these
 * count as one instruction. FIRST, LAST: paths begin and end with calls of these. The name of a
 * callee stands for all copies and parts that a compiler makes of it (callee.constprop.0). Writes
 * one JSON object for each answer, a line each.
 */
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/JSON.h>
#include <numeric>

#include "analysis.h"
#include "fail.h"

using bound::Bound;
using bound::Finding;
using bound::Program;
using bound::Query;

namespace {

llvm::cl::list<std::string> queries("query",
                                    llvm::cl::desc("LABEL:ENTRIES:AVOIDED:OPAQUE:FIRST:LAST"),
                                    llvm::cl::OneOrMore);
llvm::cl::opt<bool> with_path("path", llvm::cl::desc("print the longest path too"));
llvm::cl::list<std::string> objects(llvm::cl::Positional, llvm::cl::desc("OBJECT..."),
                                    llvm::cl::OneOrMore);

std::vector<std::string> names_in(llvm::StringRef list) {
    llvm::SmallVector<llvm::StringRef, 4> parts;
    list.split(parts, ',', -1, false);
    return {parts.begin(), parts.end()};
}

std::set<std::string> set_of(const std::vector<std::string> &names) {
    return {names.begin(), names.end()};
}

Query query_in(llvm::StringRef text) {
    llvm::SmallVector<llvm::StringRef, 4> parts;
    text.split(parts, ':');
    if (parts.size() != 6) {
        bound::fail("no LABEL:ENTRIES:AVOIDED:OPAQUE:FIRST:LAST: " + text);
    }
    const auto set_at = [&](size_t part) { return set_of(names_in(parts[part])); };
    return {parts[0].str(), names_in(parts[1]), set_at(2), set_at(3), set_at(4), set_at(5)};
}

/* The query for each function by itself, when it asks for all. */
std::vector<Query> expanded(const Program &program, const Query &query) {
    if (query.entries != std::vector<std::string>{"*"}) {
        return {query};
    }
    std::vector<Query> all;
    for (const bound::Function &function : program.functions()) {
        if (function.is_global) {
            all.push_back(query);
            all.back().label = function.name;
            all.back().entries = {function.name};
        }
    }
    return all;
}

/* ---- output ------------------------------------------------------------------------- */

void write_source(llvm::json::OStream &json, const Program &program, size_t place) {
    const bound::SourceLine source = program.source_of(place);
    json.attribute("file", source.file);
    json.attribute("line", source.line);
    json.attribute("source_function", source.function);
}

void write_place(llvm::json::OStream &json, const Program &program, size_t place) {
    json.attribute("function", program.function_of(place).name);
    json.attribute("address", static_cast<int64_t>(program.place(place).instruction.address));
    json.attribute("instruction", program.place(place).instruction.text);
    write_source(json, program, place);
}

void write_findings(llvm::json::OStream &json, const Program &program, llvm::StringRef name,
                    llvm::StringRef kind, const std::set<Finding> &findings) {
    json.attributeArray(name, [&] {
        for (const Finding &finding : findings) {
            json.object([&] {
                json.attribute(kind, finding.kind);
                write_place(json, program, finding.place);
            });
        }
    });
}

void write_bound(llvm::json::OStream &json, const Program &program, const Bound &answer) {
    const int64_t code_bytes =
        std::accumulate(answer.functions.begin(), answer.functions.end(), int64_t{0},
                        [&](int64_t bytes, size_t function) {
                            return bytes + static_cast<int64_t>(program.functions()[function].size);
                        });
    json.attribute("code_bytes", code_bytes);
    if (answer.longest) {
        json.attribute("instructions", answer.longest->instructions);
        json.attribute("loads", answer.longest->loads);
        json.attribute("stores", answer.longest->stores);
        json.attribute("stack_bytes", answer.stack_bytes);
    }
    if (answer.until_avoided) {
        json.attribute("instructions_until_avoided", *answer.until_avoided);
    }
    json.attributeArray("functions", [&] {
        for (const size_t function : answer.functions) {
            json.value(program.functions()[function].name);
        }
    });
    write_findings(json, program, "findings", "kind", answer.findings);
    write_findings(json, program, "calls", "callee", answer.admitted);
    if (with_path) {
        json.attributeArray("path", [&] {
            for (const size_t place : answer.path) {
                json.object([&] { write_place(json, program, place); });
            }
        });
    }
}

} // namespace

int main(int argc, char **argv) {
    llvm::cl::ParseCommandLineOptions(argc, argv, "The longest path through functions\n");
    const Program program({objects.begin(), objects.end()});
    for (const std::string &text : queries) {
        for (const Query &query : expanded(program, query_in(text))) {
            llvm::json::OStream json(llvm::outs());
            const Bound answer = bound::bound_of(program, query);
            json.object([&] {
                json.attribute("label", query.label);
                write_bound(json, program, answer);
            });
            llvm::outs() << '\n';
        }
    }
    return 0;
}
