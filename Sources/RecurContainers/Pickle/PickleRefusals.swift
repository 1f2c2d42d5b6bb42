package import RecurTensors

/// The Python functions that a checkpoint never needs and that do harm when a pickle is loaded.
///
/// This program calls no function of a pickle, so the list does not protect this program: the list
/// tells the user what the file would do elsewhere.
package enum PickleRefusals {
  /// Whether a pickle that names this function is refused as a whole.
  package static func contains(module: String, name: String) -> Bool {
    let modules = module.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let names = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let root = modules.first, let last = names.last else { return false }
    if wholeModules.contains(root) { return true }
    // Since protocol 4 a name may reach through an imported module: torch, 'os.system'.
    if names.dropLast().contains(where: { wholeModules.contains($0) }) { return true }
    if root == "builtins" || root == "__builtin__" { return builtins.contains(last) }
    if functions.contains("\(module).\(name)") { return true }
    switch root {
    case "dill", "cloudpickle": return isFunctionMaker(last)
    default: return false
    }
  }

  /// Modules of Python's library that run programs, load code, or access files and networks.
  private static let wholeModules: Set<String> = [
    "os", "posix", "nt", "subprocess", "_posixsubprocess", "sys", "socket", "_socket", "shutil",
    "runpy", "importlib", "_frozen_importlib", "imp", "pty", "ctypes", "_ctypes", "pickle",
    "_pickle", "cPickle", "marshal", "webbrowser", "pip", "pdb", "bdb", "popen2", "ensurepip",
    "http", "urllib", "urllib2", "ftplib", "smtplib", "telnetlib", "requests", "zipimport",
    "timeit", "pydoc", "antigravity",
  ]

  private static let builtins: Set<String> = [
    "eval", "exec", "execfile", "compile", "open", "file", "__import__", "input", "raw_input",
    "breakpoint", "globals", "locals", "vars", "setattr", "delattr", "apply", "help", "exit",
    "quit", "reload", "__loader__", "__build_class__",
  ]

  private static let functions: Set<String> = [
    "code.interact", "code.InteractiveInterpreter", "code.InteractiveConsole",
    "codeop.compile_command",
    "operator.attrgetter", "operator.methodcaller", "_operator.attrgetter",
    "_operator.methodcaller", "types.FunctionType", "types.LambdaType", "types.CodeType",
    "cProfile.run", "cProfile.runctx", "profile.run", "profile.runctx", "trace.Trace",
    "commands.getoutput", "commands.getstatusoutput", "asyncio.create_subprocess_shell",
    "asyncio.create_subprocess_exec", "multiprocessing.util.spawnv_passfds", "platform.popen",
    "numpy.load", "numpy.testing._private.utils.runstring", "pandas.read_pickle", "joblib.load",
    "new.function", "new.code",
  ]

  private static func isFunctionMaker(_ name: String) -> Bool {
    name.hasPrefix("_create_") || name.hasPrefix("_make_") || name.hasPrefix("_fill_")
      || ["_import_module", "_eval_repr", "_getattribute", "_get_attr", "load", "loads"]
        .contains(name)
      || ["subimport", "dynamic_subimport", "_function_setstate"].contains(name)
  }
}

extension Diagnostic.Code {
  package static let pickleCallableRefused = Self(rawValue: "pickle.callable.refused")
}
