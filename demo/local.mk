# One demo a line, and its row in catalogue.c.
libdemo_a_SOURCES += %D%/catalogue.h %D%/catalogue.c
libdemo_a_SOURCES += %D%/load.h %D%/load.c
libdemo_a_SOURCES += %D%/shop.c
libdemo_a_SOURCES += %D%/header_keeper.c
libdemo_a_SOURCES += %D%/switchboard.c
libdemo_a_SOURCES += %D%/mailbag.c
