package import RecurFormats

extension ForeignFormat {
  /// **The table** of formats that are named and not read: a row each, in the order they are asked.
  package static let all: [ForeignFormat] =
    graphs + apple + audio + torch + arrays + pickles
}
