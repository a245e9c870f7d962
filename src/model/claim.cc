#include "model/claim.h"

namespace ascribe {

double Claim::NatsFor(Level level, std::string_view hypothesis) const {
  if (cancelled) return 0;
  for (const Contribution& c : contributions)
    if (c.level == level && c.hypothesis == hypothesis) return c.nats;
  return 0;
}

}  // namespace ascribe
