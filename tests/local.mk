# A new test of a module is one line:  check_suites += %D%/check_<module>     (its source is check_<module>.c)
# A script that prints TAP:            check_scripts += %D%/<name>.sh
# A module shared by check programs:   tests_libsuite_a_SOURCES += %D%/x.h %D%/x.c
# A program without libcheck:          check_PROGRAMS += %D%/replay and tests_replay_LDADD = $(plain_ldadd)
# Data that tests read:                EXTRA_DIST += %D%/<file>

EXTRA_DIST += %D%/terms/terms.escript %D%/terms/terms.txt

check_suites =
check_scripts =
tests_libsuite_a_SOURCES = %D%/suite.h %D%/suite.c
tests_libsuite_a_SOURCES += %D%/corpus.h %D%/corpus.c
tests_libsuite_a_SOURCES += %D%/fixture.h %D%/fixture.c
tests_libsuite_a_SOURCES += %D%/puppet.h %D%/puppet.c
tests_libsuite_a_SOURCES += %D%/graph.h %D%/graph.c
tests_libsuite_a_SOURCES += %D%/zoo.h %D%/zoo.c
tests_libsuite_a_SOURCES += %D%/trace.h %D%/trace.c
tests_libsuite_a_SOURCES += %D%/otp_lines.h %D%/otp_lines.c
EXTRA_DIST += %D%/otp_behaviour.erl %D%/otp_behaviour.txt
EXTRA_DIST += %D%/otp_table.erl %D%/otp_table.txt
EXTRA_DIST += %D%/otp_process.erl %D%/otp_process.txt
EXTRA_DIST += %D%/otp_server.erl %D%/otp_server.txt

check_suites += %D%/check_suite
check_suites += %D%/check_corpus
check_suites += %D%/check_atom
check_suites += %D%/check_clock
tests_libsuite_a_SOURCES += %D%/terms.h %D%/terms.c

check_suites += %D%/check_external
check_suites += %D%/check_order
check_suites += %D%/check_number
check_suites += %D%/check_term
check_suites += %D%/check_text
check_suites += %D%/check_mem
check_suites += %D%/check_recorder
check_suites += %D%/check_ets
check_suites += %D%/check_server
check_suites += %D%/check_supervisor
check_suites += %D%/check_application
check_suites += %D%/check_table
check_suites += %D%/check_otp_table
check_suites += %D%/check_otp_process
check_suites += %D%/check_otp_server
check_suites += %D%/check_logger
check_suites += %D%/check_stage
check_suites += %D%/check_stream
check_suites += %D%/check_persistent
check_suites += %D%/check_claims
check_suites += %D%/check_signatures
check_suites += %D%/check_observe
check_suites += %D%/check_recon
check_suites += %D%/check_faults
check_suites += %D%/check_map
check_suites += %D%/check_info
check_suites += %D%/check_life
check_suites += %D%/check_want
check_suites += %D%/check_models
check_suites += %D%/check_process
check_suites += %D%/check_scheduler
check_suites += %D%/check_timer
check_suites += %D%/check_gc

check_suites += %D%/check_columns
check_suites += %D%/check_filter
check_suites += %D%/check_findings
check_suites += %D%/check_model
check_suites += %D%/check_batch
tests_libsuite_a_SOURCES += %D%/fake_source.h %D%/fake_source.c

check_suites += %D%/check_canvas
check_suites += %D%/check_layout
check_suites += %D%/check_keys
check_suites += %D%/check_frames
check_suites += %D%/check_pty
tests_libsuite_a_SOURCES += %D%/terminal.h %D%/terminal.c
tests_libsuite_a_SOURCES += %D%/pty.h %D%/pty.c
tests_libsuite_a_SOURCES += %D%/fuzz_parts.h %D%/fuzz_parts.c
EXTRA_DIST += %D%/frames
EXTRA_DIST += %D%/lsan.supp

check_scripts += %D%/layers.sh
check_scripts += %D%/headers.sh
check_scripts += %D%/limits.sh
check_scripts += %D%/stories.sh
check_scripts += %D%/actors.sh
check_scripts += %D%/otp_behaviour.sh
check_scripts += %D%/gc_helps.sh
check_scripts += %D%/findings.sh
check_scripts += %D%/together.sh

check_suites += %D%/check_catalogue
tests_libsuite_a_SOURCES += %D%/demo_run.h %D%/demo_run.c
tests_libsuite_a_SOURCES += %D%/demo_table.h %D%/demo_table.c
tests_libsuite_a_SOURCES += %D%/gc_cells.h %D%/gc_cells.c

# How they are built and run.
AM_CPPFLAGS += $(CHECK_CFLAGS) $(VTERM_CFLAGS)
LDADD = %D%/libsuite.a $(actop_libraries) $(actop_libs) $(CHECK_LIBS) $(VTERM_LIBS)
plain_ldadd = $(actop_libraries) $(actop_libs)

if HAVE_CHECK
check_LIBRARIES += %D%/libsuite.a
check_PROGRAMS += $(check_suites)
TESTS += $(check_suites)
endif
TESTS += $(check_scripts)
dist_check_SCRIPTS += $(check_scripts)

# Check programs exit with the number of failures, which the driver reads from their TAP already.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_LOG_DRIVER_FLAGS = --ignore-exit --comments
LOG_DRIVER_FLAGS = $(AM_LOG_DRIVER_FLAGS)
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_DRIVER_FLAGS = --comments
SH_LOG_COMPILER = $(SHELL)
TEST_EXTENSIONS = .sh
AM_TESTS_ENVIRONMENT = \
	CK_TAP_LOG_FILE_NAME=-; export CK_TAP_LOG_FILE_NAME; \
	: "$${CK_TIMEOUT_MULTIPLIER:=4}"; export CK_TIMEOUT_MULTIPLIER; \
	ACTOP_SRCDIR='$(abs_top_srcdir)'; export ACTOP_SRCDIR; \
	ACTOP='$(abs_top_builddir)/actop$(EXEEXT)'; export ACTOP; \
	CC='$(CC)'; export CC; \
	ACTOP_CPPFLAGS='$(AM_CPPFLAGS) $(CPPFLAGS)'; export ACTOP_CPPFLAGS; \
	ACTOP_SANITIZERS='$(SANITIZER_FLAGS)'; export ACTOP_SANITIZERS; \
	ACTOP_LIBS='$(actop_libs) $(LIBS)'; export ACTOP_LIBS; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS;

# A test that touches nothing of the front end tests the runtime, and holds in each of its debug worlds.
runtime_suites = `cd $(srcdir) && grep -L '"tui/' $(check_suites:=.c) | sed 's/[.]c$$//'`
replay_script = %D%/replay.sh
threaded_suites = `cd $(srcdir) && grep -l '"threads"' $(check_suites:=.c) | sed 's/[.]c$$//'`
check-runtime:
	tests="$(runtime_suites) $(replay_script)"; $(MAKE) check TESTS="`echo $$tests`"
check-threads:
	tests="$(threaded_suites) $(replay_script)"; CK_INCLUDE_TAGS=threads $(MAKE) check TESTS="`echo $$tests`"

# Everything in every world: by hand, before a piece of work is called done.
worlds = gc_stress move gc_verify poison force_frags det=1 chaos
check-long: check
	for world in $(worlds); do \
		echo "== ACTOP_WORLD=$$world"; \
		ACTOP_WORLD=$$world CK_TIMEOUT_MULTIPLIER=10 $(MAKE) check-runtime || exit 1; \
	done
.PHONY: check-runtime check-threads check-long

# Programs that the BEAM ran, run again: docs/beam-parity.md.
check_PROGRAMS += %D%/replay
check_scripts += %D%/replay.sh
EXTRA_DIST += %D%/beam
tests_replay_SOURCES = %D%/replay.h %D%/replay.c %D%/replay_run.c %D%/replay_compare.c %D%/replay_terms.c %D%/replay_ops.c \
	%D%/replay_binaries.c %D%/replay_mail.c %D%/replay_tables.c %D%/replay_reductions.c
tests_replay_LDADD = $(plain_ldadd)

# What a collection does to each demo, as a page: `make gc-helps` writes docs/gc-helps.md, gc_helps.sh compares.
check_PROGRAMS += %D%/gc_helps
tests_gc_helps_SOURCES = %D%/gc_helps.c %D%/gc_cells.h %D%/gc_cells.c %D%/demo_run.h %D%/demo_run.c
tests_gc_helps_LDADD = $(plain_ldadd)
gc-helps: %D%/gc_helps$(EXEEXT)
	%D%/gc_helps >$(srcdir)/docs/gc-helps.md
.PHONY: gc-helps

# All stories at once, with threads: a minute.
together: actop$(EXEEXT)
	TOGETHER=1 ACTOP=./actop$(EXEEXT) $(SHELL) $(srcdir)/tests/together.sh
.PHONY: together

# The screen over a make-believe runtime, for looking at it: make tests/show_fake.
EXTRA_PROGRAMS += %D%/show_fake
tests_show_fake_LDADD = %D%/libsuite.a $(plain_ldadd)

# Random lives for SECONDS under the debug worlds; `make soak` by hand, CI runs a minute.
EXTRA_PROGRAMS += %D%/soak
tests_soak_LDADD = $(plain_ldadd)
SOAK_SECONDS = 600
soak: %D%/soak$(EXEEXT)
	ACTOP_WORLD=chaos,gc_verify %D%/soak$(EXEEXT) $(SOAK_SECONDS)
.PHONY: soak

# Random bytes, keys, sizes and texts for SECONDS: `make fuzz` by hand, CI runs a minute of it under ASan.
EXTRA_PROGRAMS += %D%/fuzz
tests_fuzz_LDADD = %D%/libsuite.a $(actop_libraries) $(actop_libs) $(CHECK_LIBS) $(VTERM_LIBS)
CLEANFILES += %D%/fuzz$(EXEEXT)
FUZZ_SECONDS = 600
fuzz: actop$(EXEEXT) %D%/fuzz$(EXEEXT)
	ACTOP=./actop$(EXEEXT) LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0' \
		%D%/fuzz $(FUZZ_SECONDS) $(FUZZ_SEED)
.PHONY: fuzz

# What things cost: docs/performance.md. By hand, never part of check: a time is no proof.
EXTRA_PROGRAMS += %D%/bench
tests_bench_SOURCES = %D%/bench.h %D%/bench.c %D%/bench_run.c %D%/bench_mail.c %D%/bench_life.c %D%/bench_memory.c \
	%D%/bench_scale.c %D%/bench_machine.c
tests_bench_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_BEAM='"$(abs_srcdir)/tests/bench_beam"'
tests_bench_LDADD = $(plain_ldadd)
EXTRA_DIST += %D%/bench_beam/bench.erl
CLEANFILES += %D%/bench$(EXEEXT)
# How the observer feels, from outside and beside htop: JOBS="first keys busy crowd bytes stall slow cost", or some of them.
EXTRA_PROGRAMS += %D%/bench_ui
tests_bench_ui_LDADD = %D%/libsuite.a $(actop_libraries) $(actop_libs) $(CHECK_LIBS) $(VTERM_LIBS)
CLEANFILES += %D%/bench_ui$(EXEEXT)
JOBS =
bench-ui: actop$(EXEEXT) %D%/bench_ui$(EXEEXT)
	ACTOP=./actop$(EXEEXT) %D%/bench_ui $(JOBS)
.PHONY: bench-ui
bench: %D%/bench$(EXEEXT)
bench-run: bench
	%D%/bench --vs-beam
bench-check: bench
	%D%/bench --check
.PHONY: bench bench-run bench-check
