# What is shown, as data: over snapshots only. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
