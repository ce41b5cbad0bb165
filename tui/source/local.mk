# Other sources of snapshots than the live runtime. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
