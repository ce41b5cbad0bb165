# Pages for people. One a line.
EXTRA_DIST += %D%/actors.md
EXTRA_DIST += %D%/architecture.md
EXTRA_DIST += %D%/beam-parity.md
EXTRA_DIST += %D%/compare.md
EXTRA_DIST += %D%/gc-helps.md
EXTRA_DIST += %D%/performance.md
