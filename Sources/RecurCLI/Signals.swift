#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the process reacts to signals that files and disks can cause.
enum Signals {
  static func prepare() {
    // A full quota (RLIMIT_FSIZE) must become a failed write with a message, and not end the
    // process.
    _ = signal(SIGXFSZ, SIG_IGN)
    // Reading a mapped page beyond the end of a file, after another program cut the file short.
    _ = signal(SIGBUS) { _ in
      let message: StaticString = "error[file.changed]: an input became shorter while it was read\n"
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(2)
    }
  }
}
