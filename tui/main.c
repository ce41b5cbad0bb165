/*
 * main - the composition root: options in, runtime, demos, source and screen wired together.
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("actop %s\n", PACKAGE_VERSION);
		return 0;
	}
	fprintf(stderr, "actop: usage: actop --version\n");
	return 2;
}
