#include "interchange/misp_value.h"

#include <string>

namespace ascribe {

MispValue MispValueFor(const Entity& entity, bool contacted) {
  switch (entity.type) {
    case EntityType::kFileMd5:
      return {"md5", "Payload delivery", true};
    case EntityType::kFileSha1:
      return {"sha1", "Payload delivery", true};
    case EntityType::kFileSha256:
      return {"sha256", "Payload delivery", true};
    case EntityType::kFileName:
    case EntityType::kFilePath:
      return {"filename", "Payload delivery", false};
    case EntityType::kImphash:
      return {"imphash", "Payload delivery", true};
    case EntityType::kIpv4:
    case EntityType::kIpv6:
      return {contacted ? "ip-dst" : "ip-src", "Network activity", contacted};
    case EntityType::kCidr:
      return {"ip-src", "Network activity", false};
    case EntityType::kDomain:
      return {"domain", "Network activity", contacted};
    case EntityType::kUrl:
      return {"url", "Network activity", contacted};
    case EntityType::kUrlPath:
      return {"uri", "Network activity", false};
    case EntityType::kUserAgent:
      return {"user-agent", "Network activity", false};
    case EntityType::kAsn:
      return {"AS", "Network activity", false};
    case EntityType::kEmail:
      return {"email", "Social network", false};
    case EntityType::kMutex:
      return {"mutex", "Artifacts dropped", true};
    case EntityType::kPipe:
      return {"named pipe", "Artifacts dropped", false};
    case EntityType::kService:
      return {"windows-service-name", "Artifacts dropped", false};
    case EntityType::kPdbPath:
      return {"pdb", "Artifacts dropped", true};
    case EntityType::kRegistryKey:
      return {"regkey", "Artifacts dropped", false};
    case EntityType::kString:
      return {"pattern-in-file", "Artifacts dropped", false};
    case EntityType::kTlsCert:
      if (entity.value.size() == 32) return {"x509-fingerprint-md5", "Network activity", true};
      if (entity.value.size() == 40) return {"x509-fingerprint-sha1", "Network activity", true};
      if (entity.value.size() == 64) return {"x509-fingerprint-sha256", "Network activity", true};
      return {};
    default:
      return {};
  }
}

}  // namespace ascribe
