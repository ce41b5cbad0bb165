# heaps and what lives on and beside them. One module a line: libruntime_a_SOURCES += %D%/mem.h %D%/mem.c
libruntime_a_SOURCES += %D%/ets.h %D%/ets_store.h %D%/ets.c %D%/ets_hash.c %D%/ets_tree.c
