namespace Postmaster.Fbl;

/// <summary>Why bytes or text could not be read as what they should be.</summary>
/// <param name="Code">A stable code in lower-case words joined by hyphens, such as <c>label-too-long</c>; never outside text.</param>
/// <param name="Offset">Where, in octets (or characters for text) from the start of what was given; 0 when it concerns the whole.</param>
public readonly record struct ParseProblem(string Code, int Offset = 0);
