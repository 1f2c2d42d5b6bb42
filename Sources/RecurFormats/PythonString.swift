import RecurContainers

/// `text` as a string of Python, with its quotes; the text comes from a file and may hold anything.
///
/// JSON's escapes are also Python's.
package func pythonString(_ text: String) -> String { JSONValue.string(text).text }
