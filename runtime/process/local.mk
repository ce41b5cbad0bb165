# Processes, signals, scheduling. One module a line.
libruntime_a_SOURCES += %D%/blob.h %D%/blob.c
libruntime_a_SOURCES += %D%/dictionary.h %D%/dictionary.c
libruntime_a_SOURCES += %D%/info.h %D%/info.c
libruntime_a_SOURCES += %D%/life.h %D%/life.c
libruntime_a_SOURCES += %D%/mailbox.h %D%/mailbox.c
libruntime_a_SOURCES += %D%/persistent.h %D%/persistent.c %D%/persistents.h
libruntime_a_SOURCES += %D%/process.h %D%/process.c
libruntime_a_SOURCES += %D%/program.h %D%/program.c
libruntime_a_SOURCES += %D%/scheduler.h %D%/scheduler.c
libruntime_a_SOURCES += %D%/send.c
libruntime_a_SOURCES += %D%/signal.h
libruntime_a_SOURCES += %D%/slot.h %D%/slot.c
libruntime_a_SOURCES += %D%/table.h %D%/table.c
libruntime_a_SOURCES += %D%/table_lock.h
libruntime_a_SOURCES += %D%/table_match.c
libruntime_a_SOURCES += %D%/tables.h %D%/tables.c
libruntime_a_SOURCES += %D%/timer.h %D%/timer.c
