libruntime_a_SOURCES += %D%/table.h %D%/table.c
libruntime_a_SOURCES += %D%/table_match.c
libruntime_a_SOURCES += %D%/tables.h %D%/tables.c
libruntime_a_SOURCES += %D%/table_lock.h
# Processes, signals, scheduling. One module a line.
libruntime_a_SOURCES += %D%/blob.h
libruntime_a_SOURCES += %D%/persistent.h
libruntime_a_SOURCES += %D%/process.h
libruntime_a_SOURCES += %D%/program.h
