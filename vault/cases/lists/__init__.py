"""Lists of cases: lines, summaries, order, marks. No testimony is opened for any."""
