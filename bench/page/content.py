# SPDX-License-Identifier: BSD-3-Clause
"""Fills the page's template with the results."""

import datetime
import re
from pathlib import Path

import jinja2

import findings
import palette
import plot_calls
import plot_latency
import plot_loads
import tables
from drawing import to_svg
from results import SUBJECTS
from words import (TARGETS, binary_bytes, count, geometric_mean, in_order, memory_groups,
                   rounded_count, target_name)

HERE = Path(__file__).resolve().parent


def figure(axes, name, title, description):
    """A plot with its caption; name is unique on the page."""
    return {"title": title, "svg": to_svg(axes, re.sub(r"\W+", "-", name), title, description)}


def span(numbers, text):
    """From the smallest to the largest of some numbers, in words."""
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low} to {high}"


def headline(results):
    """The guarantee for one target, as far as the results support it."""
    records, level = findings.executed(results)
    level = findings.DEFAULT_LEVEL if level is None else level
    bounds = {which: record["instructions"]
              for which, record in findings.usual_bounds(results, level).items()}
    if not bounds:
        bounds = {(record["target"], record["function"]): record["bound"] for record in records}
    target = next((name for name in findings.FIRST_TARGETS
                   if (name, "malloc") in bounds and (name, "free") in bounds), None)
    return {"target": target and target_name(target), "level": level,
            "malloc": bounds.get((target, "malloc")), "free": bounds.get((target, "free")),
            "counted": bool(results.bound),
            "calls": rounded_count(sum(record["calls"] for record in records)) if records else None,
            "targets": [target_name(name) for name in
                        in_order((record["target"] for record in records), TARGETS)],
            "blocks": span([r["live_blocks"] for r in records], count) if records else None,
            "pools": span([r["pool_bytes"] for r in records], binary_bytes) if records else None}


def tiles(results):
    """Key figures, each (figure, unit, what it is, conditions)."""
    head = headline(results)
    build = f"{head['target']}, gcc -O2, hardening {head['level']}"
    for function in ("malloc", "free"):
        if head["target"] and head["counted"]:
            yield head[function], "instructions", f"longest path of {function}", build
    records, _ = findings.executed(results)
    shares = list(findings.reached(records).values())
    if shares:
        yield (f"{100 * min(shares):.0f}–{100 * max(shares):.0f}", "%",
               "of the bound reached by execution", "over all targets and functions below")
    lines = [record["max_cache_lines"] for record in records if record.get("max_cache_lines")]
    if lines:
        yield max(lines), "cache lines", "touched by one call at most", "whatever the heap holds"
    means, loads = findings.throughput_means(results)
    name = findings.default_build(means)
    if name:
        yield (f"{means[name]:.2f}", "×", "of glibc's time on recorded loads",
               f"geometric mean over {loads} programs")
    for group, records in memory_groups(results.memory)[:1]:
        yield (f"{geometric_mean([record['ratio'] for record in records]):.3f}", "×",
               "smallest pool / peak of live bytes",
               f"geometric mean over {len(records)} {group}")
    slow = findings.slowest_malloc(results)
    if slow:
        percentile, cycles, calls = slow
        yield (count(cycles), "cycles", f"{percentile} % of malloc's calls take no more",
               f"warm caches, {rounded_count(calls)} calls")
    code = findings.small_code(results)
    if code:
        yield (count(code), "bytes", "of code for malloc, free, memalign, realloc",
               "Cortex-M4, -Os, hardening 0")


def call_figures(results):
    records, level = findings.executed(results)
    for key, (axis, text) in plot_calls.AXES.items():
        figures = []
        for target in in_order((record["target"] for record in records), TARGETS):
            own = [record for record in records if record["target"] == target
                   and record["function"] in plot_calls.FUNCTIONS]
            if own:
                worst = ", ".join(
                    f"{name} {max(r['max_instructions'] for r in own if r['function'] == name)} of "
                    f"{max(r['bound'] for r in own if r['function'] == name)}"
                    for name in plot_calls.drawn_functions(own))
                figures.append(figure(
                    plot_calls.draw_instructions(own, key), f"calls-{key}-{target}",
                    target_name(target), f"Most instructions of one call against {axis}, with "
                    f"{span([r[key] for r in own], text)}; maximum of bound: {worst}."))
        if figures:
            yield f"Instructions against {axis}", figures
    lines = [record for record in records if record.get("max_cache_lines") is not None
             and record["function"] in plot_calls.FUNCTIONS]
    figures = []
    for target in in_order((record["target"] for record in lines), TARGETS):
        own = [record for record in lines if record["target"] == target]
        figures.append(figure(plot_calls.draw_cache_lines(own, "live_blocks"),
                              f"cache-lines-{target}",
                              f"{target_name(target)}",
                              "Most distinct cache lines that one call touched, against live "
                              "blocks."))
    if figures:
        yield "Distinct cache lines that a call touches, against live blocks", figures


def latency_figures(results):
    if not results.latency:
        return
    for cache in plot_latency.CACHES:
        figures = []
        cycles, smallest = plot_latency.limits(
            [record for record in results.latency if record["cache"] == cache] or results.latency)
        for function, state in plot_latency.panels(results.latency):
            if state != cache:
                continue
            records = [record for record in results.latency
                       if (record["function"], record["cache"]) == (function, cache)]
            medians = ", ".join(f"{record['allocator']} {record['percentiles'].get('50')}"
                                for record in records)
            figures.append(figure(
                plot_latency.draw_histogram(records, cycles, smallest),
                f"latency-{cache}-{function}", f"{function}, {cache} caches",
                f"Share of calls against cycles, both logarithmic. Medians: {medians}."))
        if figures:
            yield f"{cache.capitalize()} caches", figures


def latency_legend(results):
    """(allocator, colour, pattern of its line) of each allocator drawn."""
    names = in_order((record["allocator"] for record in results.latency),
                     ["fmemp compact", "fmemp", "fmemp wide"] + plot_latency.OTHERS)
    for name in names:
        if plot_latency.is_fmemp(name) and name not in plot_latency.LINES:
            yield name, "accent", "area"
        else:
            colour, line = plot_latency.LINES.get(name, ("neutral", "-"))
            yield name, colour, "" if line == "-" else " ".join(map(str, line[1]))


def throughput_figures(results):
    for kind in ("recorded load", "steady mix"):
        records = [record for record in results.throughput if record["kind"] == kind]
        if not records:
            continue
        groups = plot_loads.groups_of(records)
        longest = max(ratio for _, _, ratios in groups for ratio in ratios.values())
        longest = max(1.05, 1.02 * longest)
        plots = 1 if len(groups) < 3 else 2 if len(groups) < 6 else 3
        figures = []
        for number in range(plots):
            shown = groups[number * len(groups) // plots:(number + 1) * len(groups) // plots]
            said = "; ".join(f"{name}: " + ", ".join(f"{who} {ratio:.2f}" for who, ratio in
                                                     ratios.items())
                             for name, _, ratios in shown)
            figures.append(figure(plot_loads.draw_throughput(shown, longest),
                                  f"throughput-{kind}-{number}", "",
                                  f"Time beside glibc's. {said}."))
        yield ("Recorded loads" if kind == "recorded load" else "Steady mixes"), figures


def memory_figure(results):
    if not results.memory:
        return []
    ratios = "; ".join(f"{record['load']} {record['ratio']:.3f}" for record in results.memory)
    return [figure(plot_loads.draw_memory(results.memory), "memory",
                   "Smallest pool / peak of live bytes",
                   f"Smallest pool that serves each load, beside its peak. {ratios}.")]


def render(results):
    """The whole page as HTML."""
    records, level = findings.executed(results)
    bound_level = findings.DEFAULT_LEVEL
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)
    now = datetime.datetime.now(datetime.timezone.utc)
    return environment.get_template("page.html").render(
        results=results, subjects=SUBJECTS, head=headline(results), tiles=list(tiles(results)),
        broken=findings.broken_bounds(results), unconfirmed=findings.unconfirmed(results),
        target_name=target_name,
        light=palette.declarations(0), dark=palette.declarations(1),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        calls=list(call_figures(results)), call_level=level, flat=findings.is_flat(records),
        bounds=tables.bounds_by_level(results), every_bound=tables.every_bound(results),
        bound_details=tables.bound_details(results, bound_level), bound_level=bound_level,
        latency=list(latency_figures(results)), latency_legend=list(latency_legend(results)),
        throughput=list(throughput_figures(results)), memory=memory_figure(results),
        executed_table=tables.executed(records), latency_table=tables.latency(results.latency),
        throughput_table=tables.throughput(results.throughput),
        memory_table=tables.memory(results.memory),
        only_read=[target_name(name) for name in findings.only_read(results)],
        disturbed=sum(record["disturbed"] for record in results.latency),
        date=now.strftime("%-d %B %Y, %H:%M UTC"))
