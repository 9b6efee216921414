using System.Text;
using Postmaster.Fbl.Lists;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Web.Features.Samples;

/// <summary>What became of a press.</summary>
public enum OneClickPress
{
    /// <summary>It was tried; the result is stored with the sample, whatever it is.</summary>
    Tried,

    /// <summary>The sample is not the viewer's, or its mail offers no one-click that counts.</summary>
    NotOffered,

    /// <summary>By this viewer, or towards this host.</summary>
    TooOften,
}

/// <summary>Unsubscribes by one click as mail programs do (RFC 8058 §3.2), only when the owner of a sample presses the button.</summary>
public sealed class OneClickButton(SampleQueries queries, SampleStore store, SampleLimits limits, OutwardHttps https, TimeProvider time, ILogger<OneClickButton> log)
{
    private static readonly byte[] Body = Encoding.ASCII.GetBytes(OneClick.Body);

    public async Task<OneClickPress> PressAsync(SampleViewer viewer, HttpContext context, Guid id, CancellationToken ct)
    {
        if (await queries.FindAsync(viewer, id, ct) is not { Report.OneClickTarget: { } text } || !Uri.TryCreate(text, UriKind.Absolute, out Uri? target))
            return OneClickPress.NotOffered;
        if (!limits.AllowsOneClick(viewer, context, target.IdnHost))
            return OneClickPress.TooOften;

        // Whoever closes the page meanwhile has pressed all the same: the result is wanted later.
        OutwardOutcome outcome = await https.SendAsync(
            new OutwardRequest(HttpMethod.Post, target) { Body = Body, ContentType = "application/x-www-form-urlencoded", MaxBody = 0 }, CancellationToken.None);
        var trial = OneClickTrial.Of(outcome, time.GetUtcNow());
        await store.KeepTrialAsync(viewer, id, trial, CancellationToken.None);
        log.OneClickTried(id, trial.Status ?? 0);
        return OneClickPress.Tried;
    }
}
