# SPDX-License-Identifier: BSD-3-Clause
"""Fills the page's template with the results."""

import datetime
from pathlib import Path

import jinja2

import bars
import findings
import palette
import plots
import tables
import verdict
from drawing import NARROW, WIDE, to_svg
from results import SUBJECTS
from words import binary_bytes, count, in_order, in_words, span, target_name

HERE = Path(__file__).resolve().parent
MEGAHERTZ = 168


def figure(draw, name, title, description):
    """A plot for both windows; name is unique on the page."""
    return [to_svg(draw(size), f"{name}-{size.name}", size.name, title, description)
            for size in (WIDE, NARROW)]


def holes_figure(results):
    found = findings.by_holes(results)
    if findings.OURS not in found:
        return None
    most, behind = findings.behind_most_holes(results)
    said = ", ".join(f"{name} {count(number)}" for name, number in behind.items())
    return figure(lambda size: plots.draw_holes(found, size), "holes",
                  "Instructions of one malloc against the number of holes",
                  f"Behind {count(most)} holes: {said}.")


def calls_chart(results):
    """The target that the page is about, or the first that was executed, and its chart."""
    records = findings.executed(results)
    target = next((name for name in findings.FIRST_TARGETS
                   if name in {record["target"] for record in records}), None)
    return target and target_name(target), bars.calls(
        [record for record in records if record["target"] == target])


def microseconds(instructions):
    """At one cycle an instruction."""
    return f"{instructions / MEGAHERTZ:,.1f}" if instructions < 1680 else \
        f"{instructions / MEGAHERTZ:,.0f}"


def hardest(results):
    """The C library that took longest behind the most holes, and the times of both."""
    most, behind = findings.behind_most_holes(results)
    others = {name: number for name, number in behind.items() if name != findings.OURS}
    if not others or findings.OURS not in behind:
        return None
    worst = max(others, key=others.get)
    return {"holes": count(most), "name": worst, "ours": microseconds(behind[findings.OURS]),
            "its": microseconds(others[worst])}


def spans(records):
    if not records:
        return None
    return {"blocks": span([record["live_blocks"] for record in records], count),
            "pools": span([record["pool_bytes"] for record in records], binary_bytes),
            "targets": in_words([target_name(name) for name in in_order(
                (record["target"] for record in records), findings.FIRST_TARGETS)])}


def desktop(results):
    """The percentile shown, a chart of ranges for malloc and free, and their bounds."""
    percentile, bounds = findings.highest_percentile(results), findings.usual_bounds(results)
    return {"percentile": percentile,
            "charts": [bars.desktop_calls(results, call, percentile)
                       for call in ("malloc", "free")] if percentile else [],
            "bounds": {call: bounds["x86-64", call] for call in findings.CALLS
                       if ("x86-64", call) in bounds}}


def render(results):
    """The whole page as HTML."""
    records = findings.executed(results)
    target, bounds = findings.bounds_of_first(results)
    calls_target, calls = calls_chart(results)
    means, loads = findings.throughput_means(results)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)
    now = datetime.datetime.now(datetime.timezone.utc)
    return environment.get_template("page.html").render(
        results=results, subjects=SUBJECTS, date=now.strftime("%-d %B %Y, %H:%M UTC"),
        light=palette.declarations(0), dark=palette.declarations(1),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        target=target and target_name(target), bounds=bounds, verdict=verdict.lines(results),
        broken=[(target_name(where), *rest)
                for where, *rest in findings.broken_bounds(results)],
        is_confirmed=findings.is_confirmed(results),
        holes=holes_figure(results), hardest=hardest(results),
        holes_table=tables.holes(findings.by_holes(results)),
        free_table=tables.holes(findings.by_holes(results, "free")),
        calls_target=calls_target, calls=calls, is_flat=findings.is_flat(records),
        spans=spans(records), executed_table=tables.executed(records),
        bounds_table=tables.bounds(results, findings.DEFAULT_LEVEL),
        every_bound=tables.every_bound(results),
        firmware=[bars.memory(results), bars.firmware_calls(results)] if results.firmware else [],
        firmware_loads=in_words(findings.loads_of_firmware(results)),
        firmware_table=tables.firmware(results.firmware),
        cost_table=tables.cost(results.cost) if results.cost else None,
        mistakes=bars.mistakes(results),
        desktop=desktop(results), means=means, loads=loads,
        latency_table=tables.latency(results.latency),
        throughput_table=tables.throughput(results.throughput),
        memory_table=tables.memory(results.memory),
        only_read=[target_name(name) for name in findings.only_read(results)])
