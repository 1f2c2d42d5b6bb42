// What the static command needs to start where there is no /proc.
//
// Swift's runtime reads the arguments from /proc/self/cmdline, and looks for its own folder through
// /proc/self/exe, also when it is linked into the program. Both have a way around: the arguments can
// be given, and SWIFT_ROOT names the folder. This runs before the runtime starts.

#include <stdlib.h>

void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc);

__attribute__((constructor(101))) static void recur_start(int argc, char **argv) {
  _swift_stdlib_overrideUnsafeArgvArgc(argv, argc);
  setenv("SWIFT_ROOT", "/usr", 0);
}
