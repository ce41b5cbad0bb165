# Fills snapshots, runs commands. One module a line.
libruntime_a_SOURCES += %D%/command.c
libruntime_a_SOURCES += %D%/detail.c
libruntime_a_SOURCES += %D%/edges.c
libruntime_a_SOURCES += %D%/holders.c
libruntime_a_SOURCES += %D%/live.h
libruntime_a_SOURCES += %D%/observe.h %D%/observe.c
libruntime_a_SOURCES += %D%/rows.c
libruntime_a_SOURCES += %D%/sample.c
libruntime_a_SOURCES += %D%/recon.h %D%/recon.c
