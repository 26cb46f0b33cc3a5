"""`python -m bench`: measure a throw-away vault, print each number beside its target and floor.

Bounded in count and time: two minutes, and two more for a log of a million entries. Exit code 1
if a target is missed.
"""

from __future__ import annotations

import sys

from bench import files, floors, forced, intake, ledger, memory, returning, sign_in, staff
from bench.house import Demo
from bench.report import Report


def main() -> int:
    """Run everything once; returns the exit code."""
    report = Report()
    floors.measure(report)
    with Demo() as demo:
        intake.first_pages(report, demo)
        intake.module_pages(report, demo)
        intake.throughput(report, demo)
        forced.measure(report, demo)
        demo.wait_until_collected()
        sign_in.measure(report, demo)
        staff.over_http(report, demo)
        memory.measure(report, demo)
        files.measure(report, demo)
    staff.in_process(report)
    returning.measure(report)
    ledger.measure(report)
    print(report.text())
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main())
