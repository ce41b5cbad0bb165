/*
 * layout - see layout.h. Bands are cut from the top and from the bottom; what is left is the body.
 */
#include "tui/widget/layout.h"

/* Cuts a band off the top of what is left. */
static struct area cut_top(struct area *left, int rows)
{
	if (rows > left->rows)
		rows = left->rows;
	struct area band = { left->row, left->col, rows, left->cols };
	left->row += rows;
	left->rows -= rows;
	return band;
}

static struct area cut_bottom(struct area *left, int rows)
{
	if (rows > left->rows)
		rows = left->rows;
	left->rows -= rows;
	return (struct area) { left->row + left->rows, left->col, rows, left->cols };
}

static struct area cut_right(struct area *left, int cols)
{
	left->cols -= cols;
	return (struct area) { left->row, left->col + left->cols, left->rows, cols };
}

static void body_divide(struct layout *l, int rows, int cols)
{
	struct area left = l->body;

	if (rows >= 50 && cols >= 100)
		l->chart = cut_top(&left, 10);
	if (rows >= 50)
		l->log = cut_bottom(&left, 8);
	if (rows >= 30 && cols >= 160)
		l->side = cut_right(&left, cols * 2 / 5 > 84 ? 84 : cols * 2 / 5);
	else if (rows >= 36)
		l->under = cut_bottom(&left, 12);
	if (rows >= 20)
		l->caption = cut_top(&left, 1);
	l->list = left;
}

struct layout layout_make(int rows, int cols, bool is_presenting)
{
	struct layout l = { .whole = { 0, 0, rows, cols } };
	struct area left = l.whole;

	l.is_too_small = rows < LAYOUT_LEAST_ROWS || cols < LAYOUT_LEAST_COLS;
	if (l.is_too_small)
		return l;
	l.tabs = cut_top(&left, 1);
	l.summary = cut_top(&left, is_presenting && rows >= 20 && cols >= 72 ? 5 : 1);
	if (rows >= 12)
		l.findings = cut_top(&left, 1);
	l.keys = cut_bottom(&left, 1);
	if (rows >= 10)
		l.status = cut_bottom(&left, 1);
	l.body = left;
	body_divide(&l, rows, cols);
	return l;
}
