@_exported public import RecurInference
@_exported public import RecurModel
@_exported public import RecurTensors
@_exported public import RecurVerification

// `Inspection` and `TensorMapping` live beside the formats that fill them.
@_exported public import struct RecurFormats.Inspection
@_exported public import struct RecurFormats.ModelBasis
@_exported public import struct RecurFormats.OpenReading
@_exported public import struct RecurFormats.TensorMapping
