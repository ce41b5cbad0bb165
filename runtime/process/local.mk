# processes, signals, scheduling. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
libruntime_a_SOURCES += %D%/table.h %D%/table.c
libruntime_a_SOURCES += %D%/table_match.c
libruntime_a_SOURCES += %D%/tables.h %D%/tables.c
libruntime_a_SOURCES += %D%/table_lock.h
