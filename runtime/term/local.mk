# Terms: tagging, atoms, payloads, order, text. One module a line.
libruntime_a_SOURCES += %D%/atom.h %D%/atom.c
libruntime_a_SOURCES += %D%/bits.h %D%/bits.c
libruntime_a_SOURCES += %D%/map.h %D%/map.c
libruntime_a_SOURCES += %D%/number.h %D%/number.c
libruntime_a_SOURCES += %D%/order.h %D%/order.c
libruntime_a_SOURCES += %D%/refc.h %D%/refc.c
libruntime_a_SOURCES += %D%/term.h %D%/term.c
libruntime_a_SOURCES += %D%/text.h %D%/text.c
libruntime_a_SOURCES += %D%/work_stack.h %D%/work_stack.c
libruntime_a_SOURCES += %D%/external.h %D%/external.c
libruntime_a_SOURCES += %D%/utf8.h %D%/utf8.c
