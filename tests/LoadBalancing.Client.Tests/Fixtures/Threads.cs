using System.Runtime.ExceptionServices;

namespace LoadBalancing.Client.Tests.Fixtures;

/// <summary>Threads that start together.</summary>
internal static class Threads
{
    /// <summary>More than there are cores, so that threads are also preempted where it hurts.</summary>
    public static int Count { get; } = Math.Max(4, Environment.ProcessorCount);

    /// <summary>Runs every body on a thread of its own, and rethrows the first exception.</summary>
    public static void Run(params Action[] bodies)
    {
        ExceptionDispatchInfo? failure = null;
        using Barrier start = new(bodies.Length);
        Thread[] threads = Array.ConvertAll(bodies, body => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                body();
            }
#pragma warning disable CA1031 // Whatever it is, the test's own thread has to hear of it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failure?.Throw();
    }

    /// <summary>Runs the body on each of <see cref="Count"/> threads, with the thread's number.</summary>
    public static void RunOnAll(Action<int> body) =>
        Run([.. Enumerable.Range(0, Count).Select(index => (Action)(() => body(index)))]);

    /// <summary>Runs the background bodies over and over until the foreground body is through.</summary>
    public static void RunDuring(Action foreground, params Action[] background)
    {
        bool isOver = false;
        void Foreground()
        {
            try
            {
                foreground();
            }
            finally
            {
                Volatile.Write(ref isOver, true);
            }
        }

        Action Repeat(Action body) => () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                body();
            }
        };

        Run([Foreground, .. background.Select(Repeat)]);
    }
}
