/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends the program when its input cannot be used.
 */
#ifndef BOUND_FAIL_H
#define BOUND_FAIL_H

#include <cstdlib>
#include <llvm/ADT/Twine.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/raw_ostream.h>

namespace bound {

[[noreturn]] inline void fail(const llvm::Twine &text) {
    llvm::errs() << "bound: " << text << '\n';
    std::exit(2);
}

template <typename T> T value_or_fail(llvm::Expected<T> expected) {
    if (!expected) {
        fail(llvm::toString(expected.takeError()));
    }
    return std::move(*expected);
}

} // namespace bound

#endif
