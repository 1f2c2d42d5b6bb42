import RecurContainers

/// `text` as a string of Python, with its quotes; names come from files, and may hold anything.
///
/// JSON's escapes are Python's too.
package func pythonString(_ text: String) -> String { JSONValue.string(text).text }
