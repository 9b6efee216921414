using Postmaster.Fbl.Names;

namespace Postmaster.Web.Hosting;

/// <summary>The list of public suffixes on this machine, which the older view of DMARC needs.</summary>
internal static class PublicSuffixes
{
    /// <summary>Where Debian's package publicsuffix puts it.</summary>
    public const string DefaultPath = "/usr/share/publicsuffix/public_suffix_list.dat";

    /// <summary>Octets; the list has a quarter of a megabyte.</summary>
    private const int MaxLength = 16 * 1024 * 1024;

    /// <param name="path">Empty: <see cref="DefaultPath"/>.</param>
    /// <returns>Null when there is no such file, or none that can be read.</returns>
    public static Func<DomainName, DomainName>? Load(string path)
    {
        var file = new FileInfo(path.Length == 0 ? DefaultPath : path);
        try
        {
            return file.Exists && file.Length <= MaxLength ? PublicSuffixList.Parse(File.ReadAllText(file.FullName)).PublicSuffixOf : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
