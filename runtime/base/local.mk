# The ground: checks, allocator door, containers, clocks, switches. One module a line.
libruntime_a_SOURCES += %D%/base.h %D%/base.c
libruntime_a_SOURCES += %D%/clock.h %D%/clock.c
libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
libruntime_a_SOURCES += %D%/mem_class.h %D%/mem_class.c
libruntime_a_SOURCES += %D%/mem_lane.h
libruntime_a_SOURCES += %D%/mem_poison.h
libruntime_a_SOURCES += %D%/mem_store.h %D%/mem_store.c
libruntime_a_SOURCES += %D%/random.h %D%/random.c
libruntime_a_SOURCES += %D%/recorder.h %D%/recorder.c
libruntime_a_SOURCES += %D%/world.h %D%/world.c
libruntime_a_SOURCES += %D%/map64.h %D%/map64.c
libruntime_a_SOURCES += %D%/totals.h %D%/totals.c
