// An effect in blocks of 64 samples on a real-time thread, as a plug-in host would call it:
//   realtime STREAM.pt IN.wav OUT.wav [SECONDS]
// STREAM.pt is saved by save_stream.py: STFT, edit and inverse STFT in one step. IN.wav is repeated until SECONDS of
// audio have been processed; OUT.wav is as long as IN.wav, the delay of the effect taken out.
#include <pthread.h>
#include <ATen/Parallel.h>
#include <torch/script.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <new>
#include <thread>

#include "wav.h"

namespace {

// Counts what is allocated on the audio thread while it is not inside of the model.
thread_local bool counting = false;
int64_t allocations = 0;

struct Counting {
    explicit Counting(bool on) : before(counting) { counting = on; }
    ~Counting() { counting = before; }
    bool before;
};

}  // namespace

void* operator new(std::size_t size) {
    if (counting) ++allocations;
    if (void* memory = std::malloc(size ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

// The effect: everything that a block needs is there before the first one comes.
class Effect {
public:
    explicit Effect(const std::string& path)
        : model(torch::jit::load(path)),
          step(model.get_method("step")),
          size(model.attr("block").toInt()),
          delay(model.attr("delay").toInt()),
          block(torch::zeros({1, size})) {
        restart();
        for (int i = 0; i < 100; ++i) process(block.data_ptr<float>());  // TorchScript optimises in its first calls
        restart();
    }

    void restart() {
        block.zero_();
        state = model.get_method("start")({int64_t(1)});
    }

    // The callback: `size` samples, replaced by those of the effect.
    void process(float* samples) {
        std::copy_n(samples, size, block.data_ptr<float>());
        const float* result = run();
        std::copy_n(result, size, samples);
    }

    torch::jit::Module model;
    torch::jit::Method step;
    const int64_t size, delay;

private:
    const float* run() {
        Counting paused(false);
        const auto results = step({block, state}).toTuple();
        output = results->elements()[0].toTensor().contiguous();
        state = results->elements()[1];
        return output.const_data_ptr<float>();
    }

    torch::Tensor block, output;
    torch::IValue state;
};

struct Job {
    Effect& effect;
    const std::vector<float>& input;
    std::vector<float> buffer, output;
    std::vector<float> microseconds;
    bool real_time = false;
    std::string error;
};

// The audio thread. A real host waits for its device between the blocks; Linux stops a real-time thread for 50 ms if
// it leaves nothing of a second to others, so this one waits a little.
void* audio_thread(void* argument) {
    Job& job = *static_cast<Job*>(argument);
    const sched_param priority{sched_get_priority_max(SCHED_FIFO)};
    job.real_time = pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0;
    try {
        torch::InferenceMode no_gradients;
        at::set_num_threads(1);
        const size_t size = job.effect.size, samples = job.input.size();
        Counting own(true);
        for (size_t b = 0; b < job.microseconds.size(); ++b) {
            for (size_t i = 0; i < size; ++i) {
                const size_t place = b * size + i;
                // After the recording, the zeros that bring its last samples out; then it begins again.
                const size_t at = place % (samples + job.effect.delay);
                job.buffer[i] = at < samples ? job.input[at] : 0.0f;
            }
            const auto started = std::chrono::steady_clock::now();
            job.effect.process(job.buffer.data());
            const std::chrono::duration<float, std::micro> took = std::chrono::steady_clock::now() - started;
            job.microseconds[b] = took.count();
            if (b % 64 == 63) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            for (size_t i = 0; i < size; ++i) {
                const size_t place = b * size + i, delay = job.effect.delay;
                if (place >= delay && place - delay < samples) job.output[place - delay] = job.buffer[i];
            }
        }
    } catch (const std::exception& error) {
        job.error = error.what();
    }
    return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4 && argc != 5) {
        std::cerr << "usage: realtime STREAM.pt IN.wav OUT.wav [SECONDS]\n";
        return 2;
    }
    try {
        torch::InferenceMode no_gradients;
        at::set_num_threads(1);
        Effect effect(argv[1]);
        Wav wav = read_wav(argv[2]);
        const size_t whole = wav.samples.size() + effect.delay;
        const double seconds = argc == 5 ? std::stod(argv[4]) : 0.0;
        const size_t wanted = std::max(whole, size_t(seconds * wav.rate));
        const size_t blocks = (wanted + effect.size - 1) / effect.size;
        Job job{effect, wav.samples, std::vector<float>(effect.size), std::vector<float>(wav.samples.size()),
                std::vector<float>(blocks)};
        pthread_t thread;
        if (pthread_create(&thread, nullptr, audio_thread, &job) != 0) throw std::runtime_error("no thread");
        pthread_join(thread, nullptr);
        if (!job.error.empty()) throw std::runtime_error(job.error);

        std::sort(job.microseconds.begin(), job.microseconds.end());
        const double there_is = 1e6 * effect.size / wav.rate;
        std::cout << blocks << " blocks of " << effect.size << " samples, " << there_is << " us each, on "
                  << (job.real_time ? "a real-time thread" : "an ordinary thread: SCHED_FIFO is not permitted") << "\n"
                  << "median " << job.microseconds[blocks / 2] << " us, 99.9 % "
                  << job.microseconds[size_t(0.999 * (blocks - 1))] << " us, worst " << job.microseconds.back() << " us\n"
                  << "delay " << effect.delay << " samples\n"
                  << allocations << " allocations outside of the model\n";
        wav.samples = job.output;
        write_wav(argv[3], wav);
    } catch (const std::exception& error) {
        std::cerr << "realtime: " << error.what() << "\n";
        return 1;
    }
}
