# The front end above its folders; main.c belongs to the program. One module a line: libtui_a_SOURCES += %D%/x.h %D%/x.c
libtui_a_SOURCES += %D%/options.h %D%/options.c
libtui_a_SOURCES += %D%/batch.h %D%/batch.c
libtui_a_SOURCES += %D%/actions.h %D%/actions.c
libtui_a_SOURCES += %D%/frame.h %D%/frame.c
libtui_a_SOURCES += %D%/picture.h %D%/picture.c
libtui_a_SOURCES += %D%/popups.h %D%/popups.c
libtui_a_SOURCES += %D%/receipt.h %D%/receipt.c
libtui_a_SOURCES += %D%/screen.h %D%/screen.c
libtui_a_SOURCES += %D%/settings.h %D%/settings.c
libtui_a_SOURCES += %D%/ui.h %D%/ui.c
libtui_a_SOURCES += %D%/ui_parts.h %D%/script.c %D%/linear.c %D%/verbs.c

# Man page and completion, printed by the program from its own tables.
man1_MANS = actop.1
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
bashcompletion_DATA = completion/actop
zshcompletion_DATA = completion/_actop
fishcompletion_DATA = completion/actop.fish
CLEANFILES += actop.1 completion/actop completion/_actop completion/actop.fish
from_tables = $(AM_V_GEN)mkdir -p completion && ACTOP_CONFIG= ./actop$(EXEEXT)
actop.1: actop$(EXEEXT)
	$(from_tables) --man > $@
completion/actop: actop$(EXEEXT)
	$(from_tables) --completion bash > $@
completion/_actop: actop$(EXEEXT)
	$(from_tables) --completion zsh > $@
completion/actop.fish: actop$(EXEEXT)
	$(from_tables) --completion fish > $@

# The pictures of the documentation, made by the program itself: the same bytes every time.
pictures: actop$(EXEEXT)
	cd $(top_srcdir)/docs/pictures && $(abs_top_builddir)/actop$(EXEEXT) --deterministic --seed 7 \
		--script pictures.script shop header_keeper mailbag tally
EXTRA_DIST += docs/pictures
.PHONY: pictures
