#include "serve/job_queue.h"

#include <gtest/gtest.h>

#include <future>

namespace ascribe::serve {
namespace {

// An engine whose investigations wait to be let go.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> running{0}, most{0}, runs{0};
  Engine engine;
  Gate() {
    engine.investigate = [this](const std::filesystem::path& folder, const std::filesystem::path&,
                                const ProgressCall& progress, const std::atomic<bool>& stop) -> Status {
      ++runs;
      most = std::max(most.load(), ++running);
      progress("reading", 1, 2);
      while (opened.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready && !stop) {
      }
      --running;
      if (stop) return Fail(ErrorCode::kUnavailable, "stopped");
      return folder == "bad" ? Status(Fail(ErrorCode::kInvalidInput, "bad case")) : Status();
    };
  }
};

Job Await(JobQueue& queue, const std::string& id, Job::State state) {
  Job job = *queue.Find(id);
  while (job.state != state) job = *queue.WaitForChange(id, job.version);
  return job;
}

TEST(JobQueue, OneAtATimeTheOthersWait) {
  Gate gate;
  JobQueue queue(gate.engine);
  const Job first = *queue.Add("a", "a", "out");
  Await(queue, first.Id(), Job::State::kRunning);
  const Job second = *queue.Add("bad", "bad", "out");
  EXPECT_EQ(second.state, Job::State::kQueued);
  EXPECT_EQ(second.ahead, 1u);
  EXPECT_EQ(queue.Add("bad", "bad", "out")->Id(), second.Id()) << "a case that waits is not queued twice";
  const Job third = *queue.Add("a", "a", "out");
  EXPECT_NE(third.Id(), first.Id()) << "evidence may have come since the first began";
  gate.open.set_value();
  EXPECT_EQ(Await(queue, first.Id(), Job::State::kDone).step, "done");
  EXPECT_EQ(Await(queue, second.Id(), Job::State::kFailed).error, "bad case");
  Await(queue, third.Id(), Job::State::kDone);
  EXPECT_EQ(gate.most, 1);
  EXPECT_EQ(gate.runs, 3);
  EXPECT_EQ(queue.List().front().Id(), third.Id());
}

TEST(JobQueue, IsBounded) {
  Gate gate;
  JobQueue queue(gate.engine);
  const Job first = *queue.Add("a", "a", "out");
  Await(queue, first.Id(), Job::State::kRunning);
  for (std::size_t i = 0; i < JobQueue::kMaxWaiting; ++i)
    ASSERT_TRUE(queue.Add("case" + std::to_string(i), "x", "out"));
  const auto refused = queue.Add("one more", "x", "out");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  std::vector<std::shared_ptr<EventStream>> listeners;
  for (std::size_t i = 0; i < JobQueue::kMaxListeners; ++i)
    ASSERT_NE(listeners.emplace_back(queue.Listen(first.Id())), nullptr);
  EXPECT_EQ(queue.Listen(first.Id()), nullptr);
  listeners.clear();
  EXPECT_NE(queue.Listen(first.Id()), nullptr);
  queue.Stop();
  EXPECT_EQ(queue.Find(first.Id())->state, Job::State::kFailed);
  EXPECT_EQ(gate.runs, 1) << "those that waited never ran";
}

TEST(JobQueue, EventsTellProgressThenDone) {
  Gate gate;
  JobQueue queue(gate.engine);
  const Job job = *queue.Add("a", "a", "out");
  Await(queue, job.Id(), Job::State::kRunning);
  const auto stream = queue.Listen(job.Id());
  const auto first = stream->Next();
  EXPECT_TRUE(first.text.starts_with("event: progress\ndata: {\"id\":\"job-1\"")) << first.text;
  EXPECT_TRUE(first.text.ends_with("}\n\n"));
  EXPECT_FALSE(first.last);
  gate.open.set_value();
  EventStream::Piece piece;
  while (!piece.last) piece = stream->Next();
  EXPECT_TRUE(piece.text.starts_with("event: done\n")) << piece.text;
}

}  // namespace
}  // namespace ascribe::serve
