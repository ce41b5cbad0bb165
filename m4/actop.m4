dnl ACTOP_WERROR: --enable-werror, for CI; a release never fails on a newer compiler's opinion.
AC_DEFUN([ACTOP_WERROR], [
	AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
		[], [enable_werror=no])
	AS_IF([test "$enable_werror" = yes], [AC_SUBST([WERROR_CFLAGS], [-Werror])])
])

dnl ACTOP_SANITIZERS: --enable-sanitizers=LIST, handed to the compiler as it is (address,undefined or thread).
AC_DEFUN([ACTOP_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers=LIST], [build with address,undefined or with thread])],
		[sanitizers=$enableval], [sanitizers=no])
	AS_CASE([$sanitizers],
		[no], [sanitizers=],
		[yes], [sanitizers=address,undefined])
	AS_IF([test -n "$sanitizers"], [
		SANITIZER_FLAGS="-fsanitize=$sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=all"
		actop_saved_cflags=$CFLAGS
		CFLAGS="$CFLAGS $SANITIZER_FLAGS"
		AC_MSG_CHECKING([whether $CC links with -fsanitize=$sanitizers])
		AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])],
			[AC_MSG_RESULT([no])
			AC_MSG_ERROR([the sanitizers '$sanitizers' are not usable with this compiler])])
		CFLAGS=$actop_saved_cflags
	])
	AC_SUBST([SANITIZER_FLAGS])
])

dnl ACTOP_REQUIRE_WIDE_CURSES: narrow curses cannot draw a chart or a box; better no program than a wrong screen.
AC_DEFUN([ACTOP_REQUIRE_WIDE_CURSES], [
	actop_saved_cppflags=$CPPFLAGS actop_saved_libs=$LIBS
	CPPFLAGS="$CPPFLAGS $NCURSES_CFLAGS" LIBS="$NCURSES_LIBS $LIBS"
	AC_MSG_CHECKING([for wide characters in curses])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[
		#define _XOPEN_SOURCE_EXTENDED 1
		#include <curses.h>]], [[cchar_t cell; return setcchar(&cell, L"x", A_NORMAL, 0, 0) + add_wch(&cell);]])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		AC_MSG_ERROR([this curses is narrow; actop needs ncursesw])])
	CPPFLAGS=$actop_saved_cppflags LIBS=$actop_saved_libs
])
