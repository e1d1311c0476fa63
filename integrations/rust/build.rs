// SPDX-FileCopyrightText: 2026 the fmemp authors
// SPDX-License-Identifier: BSD-3-Clause
//! Compiles the core with the C compiler of the target, or links a prebuilt library.
//!
//! Environment:
//! * `FMEMP_LIB_DIR`: a folder with libfmemp_core.a, made of lib/core. Nothing is compiled then.
//! * `CC_<target>` or `CC`: the compiler; default `cc`, and `arm-none-eabi-gcc` or
//!   `riscv64-unknown-elf-gcc` for targets without an operating system.
//! * `CFLAGS_<target>` or `CFLAGS`: more options, such as `-mcpu=cortex-m4 -mthumb`.
//! * `AR_<target>` or `AR`: the archiver; default: the compiler's name with `ar` for `gcc`, or `ar`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = match variable("FMEMP_LIB_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => compile(),
    };
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rustc-link-lib=static=fmemp_core");
}

fn variable(name: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={}", name);
    env::var(name).ok()
}

/// A variable for this target, or else for all.
fn of_target(name: &str) -> Option<String> {
    let target = env::var("TARGET").unwrap().replace('-', "_");
    variable(&format!("{}_{}", name, target)).or_else(|| variable(name))
}

/// The C sources: a copy in the crate, or the repository that the crate lies in.
fn root() -> PathBuf {
    let crate_folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    ["fmemp", "../.."]
        .iter()
        .map(|place| crate_folder.join(place))
        .find(|place| place.join("include/tlsf.h").exists())
        .expect("the C sources of fmemp are neither in fmemp/ nor in ../..")
}

fn default_compiler() -> &'static str {
    let target = env::var("TARGET").unwrap();
    match () {
        _ if !target.contains("-none") => "cc",
        _ if target.starts_with("riscv") => "riscv64-unknown-elf-gcc",
        _ => "arm-none-eabi-gcc",
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{:?}: {}", command, error));
    assert!(status.success(), "{:?} failed", command);
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("lib/core").map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().map_or(false, |end| end == "c")).collect()
}

/// Returns the folder of the library.
fn compile() -> PathBuf {
    let root = root();
    let output = PathBuf::from(env::var("OUT_DIR").unwrap());
    let compiler = of_target("CC").unwrap_or_else(|| default_compiler().to_string());
    let archiver = of_target("AR").unwrap_or_else(|| match compiler.strip_suffix("-gcc") {
        Some(prefix) => format!("{}-ar", prefix),
        None => "ar".to_string(),
    });
    let flags = of_target("CFLAGS").unwrap_or_default();
    let library = output.join("libfmemp_core.a");
    let _ = fs::remove_file(&library); // an archive keeps what it had
    let mut archive = Command::new(archiver);
    archive.arg("crs").arg(&library);
    for source in sources(&root.join("lib/core")) {
        let object = output.join(source.file_stem().unwrap()).with_extension("o");
        run(Command::new(&compiler)
            .args(["-std=c11", "-O2", "-fPIC", "-ffunction-sections", "-c"])
            .args(flags.split_whitespace())
            .arg(format!("-I{}", root.join("include").display()))
            .arg(format!("-I{}", root.join("arch").display()))
            .arg(&source)
            .arg("-o")
            .arg(&object));
        archive.arg(&object);
    }
    for folder in ["include", "arch", "lib/core"] {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
    }
    run(&mut archive);
    output
}
