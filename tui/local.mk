# The front end above its folders; main.c belongs to the program. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
libtui_a_SOURCES += %D%/options.h %D%/options.c
libtui_a_SOURCES += %D%/batch.h %D%/batch.c
