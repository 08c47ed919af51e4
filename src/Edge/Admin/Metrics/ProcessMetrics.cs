using System.Diagnostics;
using System.Globalization;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>What the process takes: the names are those that every Prometheus client uses.</summary>
internal static class ProcessMetrics
{
    public static void Write(IMetricSink to, string version, TimeProvider time)
    {
        to.Gauge("edge_build_info", "Always 1; the version stands in the label.").Sample(1, ("version", version));
        to.Counter("process_cpu_seconds_total", "CPU time of the process.").Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        WriteWhatProcTells(to);
        to.Gauge("process_open_fds", "Open files and sockets.").Sample(OpenFiles());
        to.Gauge("edge_clock_seconds", "The clock of this box, in seconds since 1970.").Sample(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        to.Gauge("dotnet_gc_heap_bytes", "Managed memory in use, garbage included.").Sample(GC.GetTotalMemory(forceFullCollection: false));
        to.Counter("dotnet_gc_allocated_bytes_total", "Managed memory allocated since the start.").Sample(GC.GetTotalAllocatedBytes());
        to.Counter("dotnet_gc_pause_seconds_total", "Time in which the garbage collector held everything up.").Sample(GC.GetTotalPauseDuration().TotalSeconds);
        to.Counter("dotnet_gc_collections_total", "Garbage collections; a generation includes the older ones.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            to.Sample(GC.CollectionCount(generation), ("generation", generation.ToString(CultureInfo.InvariantCulture)));
        }

        to.Gauge("dotnet_threadpool_threads", "Threads of the pool.").Sample(ThreadPool.ThreadCount);
        to.Gauge("dotnet_threadpool_queue_length", "Work that waits for a thread of the pool.").Sample(ThreadPool.PendingWorkItemCount);
    }

    // A service manager may hide it.
    private static void WriteWhatProcTells(IMetricSink to)
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            var (resident, start) = (process.WorkingSet64, new DateTimeOffset(process.StartTime));
            to.Gauge("process_resident_memory_bytes", "Resident memory.").Sample(resident);
            to.Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.").Sample(start.ToUnixTimeMilliseconds() / 1000.0);
        }
        catch (Exception hidden) when (hidden is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            // Then they are left out.
        }
    }

    private static int OpenFiles()
    {
        try
        {
            return Directory.GetFiles("/proc/self/fd").Length;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
