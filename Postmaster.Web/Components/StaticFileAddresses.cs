using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.FileProviders;

namespace Postmaster.Web.Components;

/// <summary>Addresses of style sheets and scripts that change with their content, so that browsers may keep them for good.</summary>
public sealed class StaticFileAddresses(IWebHostEnvironment environment)
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <param name="path">Relative to wwwroot, without a leading slash.</param>
    public string Of(string path) => _known.GetOrAdd(path, static (p, web) =>
    {
        IFileInfo file = web.WebRootFileProvider.GetFileInfo(p);
        if (!file.Exists)
            return p;
        using Stream content = file.CreateReadStream();
        return $"{p}?v={Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 6))}";
    }, environment);
}
