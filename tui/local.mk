# The front end above its folders; main.c belongs to the program. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
libtui_a_SOURCES += %D%/options.h %D%/options.c
libtui_a_SOURCES += %D%/batch.h %D%/batch.c
libtui_a_SOURCES += %D%/actions.h %D%/actions.c
libtui_a_SOURCES += %D%/frame.h %D%/frame.c
libtui_a_SOURCES += %D%/picture.h %D%/picture.c
libtui_a_SOURCES += %D%/popups.h %D%/popups.c
libtui_a_SOURCES += %D%/screen.h %D%/screen.c
libtui_a_SOURCES += %D%/settings.h %D%/settings.c
libtui_a_SOURCES += %D%/ui.h %D%/ui.c
libtui_a_SOURCES += %D%/ui_parts.h %D%/script.c %D%/linear.c %D%/verbs.c

# The pictures of the documentation, made by the program itself: the same bytes every time.
pictures: actop$(EXEEXT)
	cd $(top_srcdir)/docs/pictures && $(abs_top_builddir)/actop$(EXEEXT) --deterministic --seed 7 \
		--script pictures.script shop header_keeper mailbag tally
EXTRA_DIST += docs/pictures
.PHONY: pictures
