# The front end above its folders; main.c belongs to the program. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
libtui_a_SOURCES += %D%/actions.h %D%/actions.c
libtui_a_SOURCES += %D%/frame.h %D%/frame.c
libtui_a_SOURCES += %D%/picture.h %D%/picture.c
libtui_a_SOURCES += %D%/popups.h %D%/popups.c
libtui_a_SOURCES += %D%/screen.h %D%/screen.c
libtui_a_SOURCES += %D%/ui.h %D%/ui.c
libtui_a_SOURCES += %D%/ui_parts.h %D%/script.c %D%/linear.c %D%/verbs.c
