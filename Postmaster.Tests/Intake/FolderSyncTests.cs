using Postmaster.Web.Hosting;

namespace Postmaster.Tests.Intake;

public sealed class FolderSyncTests
{
    [Fact]
    public void A_folder_is_flushed_whatever_its_name_and_none_is_not()
    {
        if (OperatingSystem.IsWindows())
            return;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("postmaster-größe-");
        Assert.True(FolderSync.Flush(folder.FullName));
        folder.Delete();
        Assert.False(FolderSync.Flush(folder.FullName));
    }
}
