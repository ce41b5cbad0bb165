# Terms: tagging, atoms, payloads, order, text. One module a line.
libruntime_a_SOURCES += %D%/atom.h
libruntime_a_SOURCES += %D%/map.h
libruntime_a_SOURCES += %D%/number.h
libruntime_a_SOURCES += %D%/order.h
libruntime_a_SOURCES += %D%/refc.h
libruntime_a_SOURCES += %D%/term.h
libruntime_a_SOURCES += %D%/text.h
