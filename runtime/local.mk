# The doors of the runtime, and nothing else. One a line.
libruntime_a_SOURCES += %D%/actor.h
libruntime_a_SOURCES += %D%/snapshot.h %D%/snapshot.c
libruntime_a_SOURCES += %D%/source.h
libruntime_a_SOURCES += %D%/runtime.h %D%/runtime.c
