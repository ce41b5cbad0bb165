# Processes, signals, scheduling. One module a line.
libruntime_a_SOURCES += %D%/blob.h
libruntime_a_SOURCES += %D%/persistent.h
libruntime_a_SOURCES += %D%/process.h
libruntime_a_SOURCES += %D%/program.h
libruntime_a_SOURCES += %D%/table.h
