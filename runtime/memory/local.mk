# Heaps and what lives on and beside them. One module a line.
libruntime_a_SOURCES += %D%/binary.h %D%/binary.c
libruntime_a_SOURCES += %D%/build.h
libruntime_a_SOURCES += %D%/copy.h %D%/copy.c
libruntime_a_SOURCES += %D%/ets.h %D%/ets_store.h %D%/ets.c %D%/ets_hash.c %D%/ets_tree.c
libruntime_a_SOURCES += %D%/gc.h %D%/gc.c
libruntime_a_SOURCES += %D%/gc_verify.h %D%/gc_verify.c
libruntime_a_SOURCES += %D%/heap.h %D%/heap.c
libruntime_a_SOURCES += %D%/literal.h %D%/literal.c
libruntime_a_SOURCES += %D%/message.h
libruntime_a_SOURCES += %D%/survey.h %D%/survey.c
