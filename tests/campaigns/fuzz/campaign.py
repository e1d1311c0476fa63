# SPDX-License-Identifier: BSD-3-Clause
"""The fuzz campaign. Replays the corpus, then runs engines on targets, and counts requests and
findings. tests/run fuzz is the command."""

import argparse
import itertools
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from programs import ENGINES, FINDINGS, FUZZ, REPLAY, ROOT, TARGETS, VARIANTS, WORK, Failed
from programs import run, sanitizer_environment

SLICE = 60  # seconds a run, for an engine that does not count requests
FOREVER = 10**6
PROGRESS = 10
HASHED = re.compile(r"[0-9a-f]{12}")
LONGEST_COMMITTED = 1024  # bytes of a file in the corpus


class Task:
    """One engine on one variant, for some time. The engine's processes count their requests in a
    shared file."""

    numbers = itertools.count(1)

    def __init__(self, engine, variant, seconds, requests, seed):
        self.engine, self.variant, self.seconds = engine, variant, seconds
        self.folder = WORK / "runs" / f"{next(self.numbers):04}-{engine.name}-{variant.name}"
        self.count = self.folder.with_suffix(".count")
        self.folder.mkdir(parents=True)
        self.name = f"{engine.name} {variant.name}"
        self.command = engine.command(variant, seconds, requests, seed, self.folder)
        self.process, self.status, self.was_stopped = None, None, False

    def run(self):
        with open(self.folder.with_suffix(".log"), "w") as log:
            self.process = subprocess.Popen(
                [str(word) for word in self.command], cwd=ROOT, stdout=log, stderr=log,
                env={**self.engine.environment(), "FMEMP_FUZZ_COUNT": str(self.count)})
            self.status = self.process.wait()

    def stop(self):
        self.was_stopped = True
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def requests(self):
        try:
            return int.from_bytes(self.count.read_bytes(), sys.byteorder)
        except OSError:
            return 0

    def keep_findings(self):
        """Copies inputs that crash the program to the folder of findings. Returns the copies."""
        kept = []
        for path in self.engine.findings(self.folder):
            FINDINGS.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w.-]", "_", f"{self.variant.name}-{self.engine.name}-{path.name}")
            kept.append(shutil.copyfile(path, FINDINGS / name))
        return kept

    def problem(self):
        """Returns what went wrong apart from findings, or None."""
        if not self.was_stopped and self.status != 0:
            return f"ended with status {self.status}, see {self.folder.with_suffix('.log')}"
        return None if self.was_stopped or self.requests() else "did no request"


def merge(target):
    """Writes the corpus of a target anew. Chooses from the corpus and from the inputs of libFuzzer
    the smallest files that reach each branch of the library in each variant. Keeps files that have
    a name of their own: findings, and files that somebody added by hand."""
    corpus, chosen = FUZZ / "corpus" / target, WORK / "merged" / target
    shutil.rmtree(chosen, ignore_errors=True)
    chosen.mkdir(parents=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    for variant in (variant for variant in VARIANTS if variant.target == target):
        program = ENGINES["libfuzzer"].build(variant)
        done = run(program, "-set_cover_merge=1", "-use_counters=0",
                   f"-max_len={LONGEST_COMMITTED}",
                   f"-artifact_prefix={FINDINGS}/{variant.name}-libfuzzer-", chosen, corpus,
                   WORK / "corpus" / target, env=sanitizer_environment())
        if not done.ok or list(FINDINGS.glob(f"{variant.name}-*")):
            raise Failed(f"merge of {variant.name}; findings are in {FINDINGS}:\n{done.tail()}")
    for path in corpus.iterdir():
        if HASHED.fullmatch(path.name):
            path.unlink()
    for path in chosen.iterdir():
        shutil.copyfile(path, corpus / path.name[:12])
    files = list(corpus.iterdir())
    print(f"{target}: {len(files)} files, {sum(path.stat().st_size for path in files):,} bytes")


def merge_all():
    try:
        for target in TARGETS:
            merge(target)
    except Failed as failed:
        print(failed)
        return 1
    return 0


class Campaign:
    def __init__(self, wanted):
        self.wanted, self.begin = wanted, time.monotonic()
        self.random = random.Random(wanted.seed)
        self.passed, self.failures, self.findings = 0, [], []
        self.built = set()
        self.tasks, self.lock, self.is_over = [], threading.Lock(), threading.Event()

    def say(self, text):
        print(f"{time.monotonic() - self.begin:6.0f} s  {text}", flush=True)

    def check(self, ok, text):
        if ok:
            self.passed += 1
        else:
            self.failures.append(text)
            self.say(f"FAILED {text}")

    # ---- replay --------------------------------------------------------------------------

    def replay(self, variant):
        """Runs each file of the corpus, and each earlier finding, as one check."""
        program = REPLAY.build(variant)
        found = sorted(FINDINGS.glob(f"{variant.name}-*"))
        done = subprocess.run([program, variant.corpus(), *found], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace", cwd=ROOT,
                              env=sanitizer_environment())
        cases = re.findall(r"^(ok|not ok) \d+ - (.*)$", done.stdout, re.MULTILINE)
        for outcome, name in cases:
            self.check(outcome == "ok", f"replay {variant.name}: {name}")
        if not cases or (done.returncode != 0) != ("not ok" in dict(cases)):
            self.check(False, f"replay {variant.name}: {done.stderr[-2000:]}")
        self.say(f"replay {variant.name}: {len(cases)} files")

    # ---- tasks ---------------------------------------------------------------------------

    def requests(self):
        with self.lock:
            return sum(task.requests() for task in self.tasks)

    def build(self, engine, variant):
        """Builds a program once in a campaign, before its first run. Returns whether it exists."""
        with self.lock:
            first = (engine, variant) not in self.built
            self.built.add((engine, variant))
        try:
            return engine.build(variant) if first else engine.program(variant).exists()
        except Failed as failed:
            self.check(False, str(failed))
            self.stop()

    def run_task(self, engine, variant, seconds, requests=2**63):
        if not self.build(engine, variant):
            return
        task = Task(engine, variant, seconds, requests, self.random.randrange(1, 2**31))
        with self.lock:
            if self.is_over.is_set():
                return
            self.tasks.append(task)
        task.run()
        found = task.keep_findings()
        with self.lock:
            self.findings += found
            problem = None if found else task.problem()
            self.check(not found and not problem, f"{task.name}: " + (
                problem or f"findings {', '.join(path.name for path in found)}"))
            self.say(f"{task.name}: {task.requests():,} requests, {len(found)} findings")

    def run_each(self, plan):
        """Runs each engine and variant once, as many at a time as there are jobs."""
        rest = iter(plan)

        def work():
            while True:
                with self.lock:
                    engine, variant = next(rest, (None, None))
                if engine is None:
                    return
                self.run_task(engine, variant, self.wanted.seconds)

        self.run_threads([work] * self.wanted.jobs)

    def run_until(self, plan, requests):
        """Runs engines that count requests on each variant's share, until all requests are done or
        one has failed. Engines that do not count run in a lane of their own meanwhile."""
        counting = [pair for pair in plan if pair[0].counts]
        others = [pair for pair in plan if not pair[0].counts]
        lanes = self.wanted.jobs - (1 if others and self.wanted.jobs > 1 else 0)
        whole = sum(variant.share for _, variant in counting)

        def lane(pairs, seconds):
            left = requests - self.requests()
            while left > 0 and not self.is_over.is_set():
                with self.lock:
                    engine, variant = next(pairs)
                share = requests * variant.share // whole + 1
                self.run_task(engine, variant, seconds, min(share, left))
                left = requests - self.requests()

        lanes_of = [(itertools.cycle(counting), FOREVER)] * lanes
        if lanes < self.wanted.jobs:
            lanes_of.append((itertools.cycle(others), SLICE))
        threads = [threading.Thread(target=lane, args=pair, daemon=True) for pair in lanes_of]
        self.watch(threads, lambda: self.failures or self.requests() >= requests, requests)

    def run_threads(self, work):
        self.watch([threading.Thread(target=function, daemon=True) for function in work],
                   lambda: False)

    def watch(self, threads, is_done, requests=None):
        for thread in threads:
            thread.start()
        shown = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            if is_done() and not self.is_over.is_set():
                self.stop()
            if time.monotonic() - shown >= PROGRESS:
                shown = time.monotonic()
                self.show_progress(requests)

    def stop(self):
        with self.lock:
            self.is_over.set()
            for task in self.tasks:
                task.stop()

    def show_progress(self, requests):
        done, spent = self.requests(), time.monotonic() - self.begin
        text = f"{done:,} requests, {done / spent:,.0f} a second, {len(self.findings)} findings"
        if requests and done:
            text += f", some {max(0, requests - done) * spent / done:,.0f} s left"
        self.say(text)

    # ---- all of it -----------------------------------------------------------------------

    def plan(self):
        wanted = self.wanted
        variants = [variant for variant in VARIANTS
                    if wanted.target in ("all", variant.target, variant.name)]
        if wanted.quick and wanted.target == "all":
            variants = variants[:len(TARGETS)]
        engines = [engine for name, engine in ENGINES.items() if wanted.engine in ("all", name)]
        return variants, [(engine, variant) for engine in engines for variant in variants]

    def run(self):
        shutil.rmtree(WORK / "runs", ignore_errors=True)
        WORK.mkdir(parents=True, exist_ok=True)
        variants, plan = self.plan()
        for variant in variants:
            self.replay(variant)
        self.begin = time.monotonic()
        if self.wanted.operations:
            self.run_until(plan, self.wanted.operations)
        else:
            self.run_each(plan)

    def report(self):
        totals = {}
        for task in self.tasks:
            totals[task.name] = totals.get(task.name, 0) + task.requests()
        for name, requests in totals.items():
            print(f"{name:28} {requests:15,} requests")
        for path in self.findings:
            variant = next(v for v in sorted(VARIANTS, key=lambda v: -len(v.name))
                           if path.name.startswith(v.name + "-"))
            print(f"FINDING {path}\n        {REPLAY.program(variant)} {path}")
        print(f"{self.requests():,} requests in {time.monotonic() - self.begin:,.0f} s, "
              f"{len(self.findings)} findings")
        print(f"{self.passed} passed, {len(self.failures)} failed")
        return 1 if self.failures or not self.passed else 0


def arguments():
    parser = argparse.ArgumentParser(prog="tests/run fuzz", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="the corpus, and a few seconds of each engine and variant")
    parser.add_argument("--target", default="all", help="all, " + ", ".join(TARGETS) +
                        ", or one variant: " + ", ".join(v.name for v in VARIANTS))
    parser.add_argument("--engine", default="all", choices=["all", *ENGINES])
    parser.add_argument("--seconds", type=int, default=60, help="of each engine on each target")
    parser.add_argument("--operations", type=int, default=0,
                        help="run until this many requests are done, whatever --seconds says")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--merge", action="store_true",
                        help="only merge new inputs of libFuzzer into tests/campaigns/fuzz/corpus")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 2**31))
    wanted = parser.parse_args()
    known = {"all", *TARGETS, *(variant.name for variant in VARIANTS)}
    if wanted.target not in known:
        parser.error(f"no target {wanted.target}")
    if wanted.operations and wanted.engine not in ("all", "soak"):
        parser.error("--operations needs an engine that counts requests: soak, or all")
    if wanted.quick:
        wanted.seconds = min(wanted.seconds, 3)
    return wanted


def main():
    wanted = arguments()
    if wanted.merge:
        return merge_all()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    campaign = Campaign(wanted)
    print(f"seed {campaign.wanted.seed}", flush=True)
    try:
        campaign.run()
    except Failed as failed:
        campaign.check(False, str(failed))
    except KeyboardInterrupt:
        campaign.stop()
        campaign.check(False, "interrupted")
    return campaign.report()


if __name__ == "__main__":
    sys.exit(main())
