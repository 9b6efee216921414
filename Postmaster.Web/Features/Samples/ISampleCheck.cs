namespace Postmaster.Web.Features.Samples;

/// <summary>Looks at a mail from one side.</summary>
internal interface ISampleCheck
{
    /// <returns>Null when there is nothing to say about the topic.</returns>
    ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct);
}
